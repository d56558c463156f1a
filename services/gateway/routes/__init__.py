"""HTTP in, but for the tracking API: the open API, its documentation, and the first-look page."""
