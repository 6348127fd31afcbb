"""One sentence for every figure, threshold, badge and cause: what it says, for people who meet it for the first time.

A figure and a threshold may bear the same name (`pixel_f1_max`), so each kind has its own function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

TRIMMED = ("What reaches the pixel threshold, less the halo around its peaks: a pixel counts only where it rises 70 % "
           "of the way from the level of good pixels to the peaks within a patch, and 40 % of it to those within four.")

FIGURES: Mapping[str, str] = MappingProxyType({
    "image_auroc": "The chance that a defective test image scores higher than a good one: 0.5 is guessing, 1 perfect.",
    "image_average_precision": "The share of truly defective images among those called defective, averaged over all "
                               "shares of defects found: guessing gives the share of defective images.",
    "image_f1_max": "The best balance of defects found and false alarms (harmonic mean of recall and precision) at any "
                    "threshold; optimistic, as the labels choose the threshold.",
    "image_fpr_at_95_tpr": "The share of good images that are false alarms at the threshold that finds at least 95 % "
                           "of the defective ones: 0 is best.",
    "image_tpr_at_fpr_0": "The share of defective images that score higher than every good test image: what is found "
                          "without a single false alarm.",
    "image_tpr_at_fpr_1": "The share of defective images that are found while at most 1 % of the good ones are false "
                          "alarms.",
    "image_partial_auroc": "The image AUROC of thresholds with at most 10 % false alarms only, scaled such that 0.5 is "
                           "guessing and 1 perfect.",
    "image_recall": "The share of the defective images that the default threshold finds: what is found where nobody "
                    "chooses another one.",
    "image_false_alarm_rate": "The share of the good images that the default threshold calls defective.",
    "pixel_auroc": "The chance that a defect pixel scores higher than any other pixel, all test pixels pooled: large "
                   "defects weigh most.",
    "pixel_auroc_anomalous": "The chance that a defect pixel scores higher than any other pixel, among the images that "
                             "have a defect only.",
    "pixel_average_precision": "The share of true defect pixels among those marked, averaged over all shares of defect "
                               "pixels found: strict where defects are small.",
    "pixel_f1_max": "The best balance of defect pixels found and pixels marked in vain at any threshold; optimistic, "
                    "as the masks choose the threshold.",
    "pixel_iou": "The pixels common to the marked and the true defects, as a share of the pixels in either, at the "
                 "pixel threshold.",
    "pixel_f1": "The balance of defect pixels found and pixels marked in vain in the predicted segmentation, at the "
                "pixel threshold.",
    "region_recall": "The share of defect regions that are found at the pixel threshold, by size: a quarter of the "
                     "regions in each class, from small to large.",
    "precision": "The share of the images called defective that are defective.",
    "recall": "The share of the defective images that are found.",
    "false_positive_rate": "The share of the good images that are false alarms.",
    "f1": "The harmonic mean of precision and recall.",
    "interval": "Had other images of the same kind been tested, the figure would lie in this range in 95 of 100 cases; "
                "the images are resampled, good and defective ones apart.",
    "p_value": "How often chance alone would set two equally good runs at least so far apart on these images.",
    "corrected_p_value": "The p value made stricter because several comparisons were made (Holm), each of which could "
                         "look large by chance.",
    "critical_difference": "How far the average ranks of two runs over the categories must lie apart for the runs to "
                           "differ by more than chance (Nemenyi).",
    "spread": "Mean ± standard deviation over runs that differ in nothing but the seed.",
    "published": "A figure that others published, beside ours, with every setting in which the two were made "
                 "differently.",
})

THRESHOLDS: Mapping[str, str] = MappingProxyType({
    "good_max": "Just above the highest score of a good test image: no false alarm here.",
    "f1_max": "Oracle: has seen the test labels; the threshold with the best F1 on this very test set, so expect less "
              "on new images.",
    "pixel_f1_max": "Oracle: has seen the test masks; the threshold with the best pixel F1 on this very test set, so "
                    "expect less on new images.",
    "youden": "Oracle: has seen the test labels; the threshold with the largest share of defects found minus share "
              "of false alarms on this very test set.",
    "pixel_youden": "Oracle: has seen the test masks; the threshold with the largest share of defect pixels found "
                    "minus share of other pixels marked on this very test set.",
    "cost_weighted": "Oracle: has seen the test labels; the threshold at which escapes and overkills cost least on "
                     "this very test set, given their costs and how many parts are defective.",
    "pixel_cost_weighted": "Oracle: has seen the test masks; the threshold at which missed and wrongly marked pixels "
                           "cost least on this very test set.",
    "manual": "Set by hand.",
    "pixel_manual": "Set by hand.",
})

BADGES: Mapping[str, str] = MappingProxyType({
    "threshold": "Whether the threshold was chosen without the images that it is judged on.",
    "identical": "Whether any test image is the very file that the model was trained on.",
    "near_duplicates": "Whether any test image is nearly a training image, such as the next frame of a video.",
    "training_copies": "Whether training photos are nearly the same, so that the thresholds rest on fewer photos.",
    "odd_training": "Whether training photos stand so far from the others that they are left out of the thresholds.",
    "proportions": "Whether photos have other proportions than the model was fitted to, and so are stretched.",
    "crop": "Whether the centre crop cut away defects that nothing can then find.",
    "unreadable": "Whether images had to be skipped because they could not be read.",
    "split": "Whether training and test images come from the dataset's own folders or were divided here.",
})

CAUSES: Mapping[str, str] = MappingProxyType({
    "outside_crop": "A miss whose defect lies more than half outside the centre crop, where the network never looked.",
    "smaller_than_patch": "A miss whose largest defect region is shorter than one patch, so that it is averaged with "
                          "what surrounds it.",
    "below_threshold": "A miss whose anomaly map has its peak at the defect, so that a lower image threshold would "
                       "find it.",
    "peak_elsewhere": "A miss or a hit whose highest score lies away from the defect: such a hit is right for the "
                      "wrong reason.",
    "faint": "A miss whose defect nowhere scores higher than 99 % of the good images' pixels.",
    "border": "A false alarm whose highest score lies less than one patch from the edge of what the network saw.",
    "near_training": "A miss or a false alarm on nearly the same photo as one that the model was trained on.",
    "mask_doubtful": "A miss or a hit whose mask is a speck, covers most of the image, or holds nothing unusual while "
                     "a compact region elsewhere does.",
})

GOOD = re.compile(r"(pixel_)?(heldout|good)_(p|mean_|fpr_)([0-9_]+)(?:sd)?")


def explain_figure(name: str) -> str:
    """The sentence for a figure, AUPRO up to any limit among them; "" for a name that nobody gave one."""
    if found := re.fullmatch(r"aupro(?:_([0-9.]+))?", name):
        return ("How much of each defect region is covered, on average over the regions, for pixel false positive "
                f"rates up to {found[1] or '0.3'}: small and large defects weigh the same.")
    return FIGURES.get(name, "")


def explain_threshold(name: str) -> str:
    """The sentence for a threshold's name, such as `heldout_p99`; "" for a name that nobody gave one."""
    found = GOOD.fullmatch(name)
    return _of_good_images(*found.groups()) if found else THRESHOLDS.get(name, "")


def explain_badge(key: str) -> str:
    """The sentence for a badge's key; "" for a key that nobody gave one."""
    return BADGES.get(key, "")


def explain_cause(key: str) -> str:
    """The sentence for a cause's key; "" for a key that nobody gave one."""
    return CAUSES.get(key, "")


def _of_good_images(pixel: str | None, source: str, rule: str, number: str) -> str:
    images = "good images held out of the bank" if source == "heldout" else "good test images"
    scores = f"the pixel scores of {images}" if pixel else f"the scores of {images}"
    if rule == "mean_":
        return f"The mean of {scores} plus {number.replace('_', '.')} standard deviations: an extrapolation."
    if rule == "fpr_":
        return f"The lowest threshold with at most {number.replace('_', '.')} % of {scores} at or above it."
    percent = f"{number[:2]}.{number[2:]}".rstrip(".")
    return f"Above {percent} % of {scores}: no defect was needed to choose it."
