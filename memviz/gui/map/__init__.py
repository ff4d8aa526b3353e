"""The map: the address space of one process as a picture.

Without Qt, in the order in which a picture is made: `terrain` (what is where), `axis` (pages to positions), `lanes`
(positions to places), `raster` (pixels); then `labels`, `item` and `view` draw and move it.
"""
