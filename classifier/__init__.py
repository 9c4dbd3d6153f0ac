"""Photo → verdict (ok, retoucher, exclure) with calibrated probabilities; Keras on TensorFlow."""
