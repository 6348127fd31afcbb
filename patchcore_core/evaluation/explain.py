"""One sentence on every figure, threshold, badge and cause, for readers who meet it for the first time.

A figure and a threshold may share a name (`pixel_f1_max`), so each kind has its own function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from patchcore_core.evaluation.thresholds.rules import RULES
from patchcore_core.evaluation.values import Rule

TRIMMED = ("Pixels above the pixel threshold without the halo of peaks: a pixel must reach 70 % of the rise from the "
           "level of good pixels to the peaks within one patch, and 40 % of that to the peaks within four patches.")

FIGURES: Mapping[str, str] = MappingProxyType({
    "image_auroc": "Probability that a defective test image scores above a good one: 0.5 is chance, 1 is perfect.",
    "image_average_precision": "Precision averaged over all recalls of defective images; chance gives the fraction of "
                               "defective images.",
    "image_f1_max": "Best F1 (harmonic mean of precision and recall) at any image threshold; optimistic, since the "
                    "labels choose the threshold.",
    "image_fpr_at_95_tpr": "False positive rate at the threshold with a recall of at least 95 %: 0 is best.",
    "image_tpr_at_fpr_0": "Recall without any false alarm: defective images that score above all good test images.",
    "image_tpr_at_fpr_1": "Recall at a false positive rate of at most 1 %.",
    "image_partial_auroc": "Image AUROC up to a false positive rate of 10 %, scaled so that 0.5 is chance and 1 is "
                           "perfect.",
    "image_recall": "Fraction of the defective images at or above the default threshold.",
    "image_false_alarm_rate": "Fraction of the good images at or above the default threshold.",
    "pixel_auroc": "Probability that a defect pixel scores higher than any other pixel, over all test pixels: large "
                   "defects weigh most.",
    "pixel_auroc_anomalous": "Pixel AUROC over the images with a defect only.",
    "pixel_average_precision": "Precision averaged over all recalls of defect pixels: strict for small defects.",
    "pixel_f1_max": "Best F1 of defect pixels at any threshold; optimistic, since the masks choose the threshold.",
    "pixel_iou": "Intersection over union of predicted segmentation and ground truth at the pixel threshold.",
    "pixel_f1": "F1 of the predicted segmentation at the pixel threshold.",
    "region_recall": "Fraction of defect regions found at the pixel threshold, by size: four classes of equally many "
                     "regions, from small to large.",
    "precision": "Fraction of the images predicted defective that are defective.",
    "recall": "Fraction of the defective images that are predicted defective.",
    "false_positive_rate": "Fraction of the good images that are predicted defective.",
    "f1": "Harmonic mean of precision and recall.",
    "interval": "Confidence interval (95 %): of image AUROC after Newcombe and DeLong, of shares after Wilson, "
                "of other figures from resampling the test images, good and defective ones separately.",
    "p_value": "Probability of a difference at least this large between two equally good runs on these images.",
    "corrected_p_value": "The p value corrected for the number of comparisons (Holm).",
    "critical_difference": "Smallest significant difference between the average ranks of two runs (Nemenyi).",
    "spread": "Mean ± standard deviation over runs that differ only in the seed.",
    "published": "A published figure beside ours, with all settings that differ.",
})

THRESHOLDS: Mapping[str, str] = MappingProxyType({
    "good_max": "Just above the highest score of the good test images: no false alarms on this test set.",
    "f1_max": "Oracle: best F1 on this test set, chosen with its labels, so expect less on new images.",
    "pixel_f1_max": "Oracle: best pixel F1 on this test set, chosen with its masks, so expect less on new images.",
    "youden": "Oracle: largest recall minus false positive rate on this test set, chosen with its labels.",
    "pixel_youden": "Oracle: largest pixel recall minus false positive rate on this test set, chosen with its masks.",
    "cost_weighted": "Oracle: lowest cost of missed defects and false rejects on this test set at the given costs and "
                     "defect rate, chosen with its labels.",
    "pixel_cost_weighted": "Oracle: lowest cost of missed and wrongly predicted pixels on this test set, chosen with "
                           "its masks.",
    "manual": "Set manually.",
    "pixel_manual": "Set manually.",
})

BADGES: Mapping[str, str] = MappingProxyType({
    "threshold": "Whether the threshold was set without the test images.",
    "identical": "Whether test images are identical to training images.",
    "near_duplicates": "Whether test images are near-duplicates of training images, such as the next video frame.",
    "training_copies": "Whether training photos are near-duplicates, so that thresholds rest on fewer photos.",
    "odd_training": "Whether training photos are outliers, which are left out of the thresholds.",
    "proportions": "Whether photos have another aspect ratio than the run was fitted to, and are stretched.",
    "unlike": "Whether test photos are unlike anything the memory bank knows, such as another part or other light.",
    "crop": "Whether the centre crop cuts off defects, which cannot be found then.",
    "unreadable": "Whether images were skipped because they could not be read.",
    "split": "Whether the train/test split is that of the dataset or was made here.",
})

CAUSES: Mapping[str, str] = MappingProxyType({
    "outside_crop": "Missed: more than half of the defect is outside the centre crop.",
    "smaller_than_patch": "Missed: the largest defect region is shorter than one patch, so it is averaged with its "
                          "surroundings.",
    "below_threshold": "Missed: the anomaly map peaks at the defect; a lower image threshold would find it.",
    "peak_elsewhere": "Missed, or found for the wrong reason: the maximum is away from the defect.",
    "faint": "Missed: the defect scores below the 99th percentile of good pixels.",
    "border": "False alarm: the maximum is less than one patch from the edge of the network input.",
    "near_training": "Missed, or false alarm: near-duplicate of a training photo.",
    "mask_doubtful": "Missed, or found: the mask is tiny, covers most of the image, or has no high scores while a "
                     "compact region elsewhere does.",
})


def explain_figure(name: str) -> str:
    """The sentence on a figure, including AUPRO up to any limit; "" for an unknown name."""
    if found := re.fullmatch(r"aupro(?:_([0-9.]+))?", name):
        return ("Mean overlap of defect regions for pixel false positive rates up to "
                f"{found[1] or '0.3'}: small and large defects weigh the same.")
    return FIGURES.get(name, "")


def explain_threshold(name: str, rule: Rule | None = None) -> str:
    """The sentence on a threshold by its rule, or the recorded one of this name (`heldout_p99`); "" for neither."""
    found = rule or RULES.get(name)
    return (found and _of_good_images(found)) or THRESHOLDS.get(name, "")


def explain_badge(key: str) -> str:
    """The sentence on a badge; "" for an unknown key."""
    return BADGES.get(key, "")


def explain_cause(key: str) -> str:
    """The sentence on a cause; "" for an unknown key."""
    return CAUSES.get(key, "")


def _of_good_images(rule: Rule) -> str:
    """"" for a rule that needs defective images."""
    images = "held-out good images" if rule.source == "held-out" else "good test images"
    scores = f"the pixel scores of {images}" if rule.level == "pixel" else f"the scores of {images}"
    return {
        "mean_sd": f"Mean of {scores} plus {rule.number:.6g} standard deviations: an extrapolation.",
        "fpr": f"Lowest threshold with at most {rule.number:.6g} % of {scores} at or above it.",
        "quantile": f"Above {rule.number:.6g} % of {scores}; set without defective images.",
    }.get(rule.kind, "")
