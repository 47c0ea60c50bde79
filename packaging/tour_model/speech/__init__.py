"""Speech and clips with sound: how they are made, what is asked about them, how well the tour model hears."""
