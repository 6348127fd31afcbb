"""Figures by the names that people read."""

from __future__ import annotations

METRIC_NAMES: dict[str, str] = {
    "image_auroc": "Image AUROC",
    "image_average_precision": "Image average precision",
    "image_f1_max": "Image F1-max",
    "image_fpr_at_95_tpr": "Image FPR at 95 % TPR",
    "image_tpr_at_fpr_0": "Image TPR at FPR 0",
    "image_tpr_at_fpr_1": "Image TPR at FPR 1 %",
    "image_partial_auroc": "Image partial AUROC (FPR ≤ 0.1)",
    "image_recall": "Recall at the default threshold",
    "image_false_alarm_rate": "False alarms at the default threshold",
    "pixel_auroc": "Pixel AUROC",
    "pixel_auroc_anomalous": "Pixel AUROC (anomalous images)",
    "pixel_average_precision": "Pixel average precision",
    "pixel_f1_max": "Pixel F1-max",
    "pixel_iou": "Pixel IoU (at the pixel threshold)",
    "pixel_f1": "Pixel F1 (at the pixel threshold)",
    "aupro": "AUPRO (FPR ≤ 0.3)",
    "aupro_0.05": "AUPRO (FPR ≤ 0.05)",
}
LOWER_IS_BETTER = ("image_fpr_at_95_tpr", "image_false_alarm_rate")
