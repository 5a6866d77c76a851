"""What every other room stands on: errors, emotions, settings, files, pictures, Keras and OpenCV."""
