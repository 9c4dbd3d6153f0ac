"""What is in a photo and where: text, panels, and the backbones that scene and classifier share.

Values come from core; Keras, RapidOCR and OpenCV are imported inside the functions that need them.
"""
