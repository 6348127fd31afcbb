// Keys by which the widgets within the workspace know each other.

export const GALLERY = "workspace_gallery";
export const VIEWER = "workspace_viewer";
export const POINT = "workspace_point";
export const PIXEL_POINT = "workspace_pixel_point";
