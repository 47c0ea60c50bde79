"""The colours of boxes, the same in a drawn picture and in a window."""

# Okabe and Ito's palette, told apart with any kind of colour vision; its black is left for the halo.
COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
HALO = "#1D1D1F"
