"""What a network looks at: Grad-CAM (`gradcam`), occlusion (`covering`), and what was recorded of both.

maps = grad_cam(model, faces.test.images[:8])             # (8, 48, 48), 0..1
drops = occlusion(model, faces.test.images[:8])           # (8, 48, 48), change of probability
"""

from emotionlab.explain.agreement import agreement
from emotionlab.explain.covering import occlusion
from emotionlab.explain.cutting import spatial_layers
from emotionlab.explain.gradcam import GradCam, explainer, grad_cam
from emotionlab.explain.maps import REGIONS, overlay, regions
from emotionlab.explain.recorded import Grid, grid_faces, read_grid, record_grid

__all__ = [
    "REGIONS",
    "GradCam",
    "Grid",
    "agreement",
    "explainer",
    "grad_cam",
    "grid_faces",
    "occlusion",
    "overlay",
    "read_grid",
    "record_grid",
    "regions",
    "spatial_layers",
]
