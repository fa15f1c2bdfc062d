"""The diamond of a region: indicators → four corners and government → score, interaction, uncertainty.

Statistics and judgements come in as one tidy table; what is unknown stays unknown to the last chart, as an interval.
"""
