"""The course's recogniser as a page made with Streamlit; streamlit.md explains it line for line."""

from dataclasses import replace

import streamlit as st

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.recognition.drawing import draw_faces


@st.cache_resource(show_spinner="Loading the network ...")
def recognizer():
    return el.Recognizer()


st.set_page_config(page_title="EmotionLab")
st.title("Which word does a network give a face?")
st.markdown("**Private.** Everything happens on this computer. A picture stays in memory; no file of it is kept.")
if st.radio("Where does the picture come from?", ["a file", "the camera"], horizontal=True) == "a file":
    given = st.file_uploader("A picture (JPEG, PNG, WebP, ...)")
else:
    given = st.camera_input("A snapshot of yourself")
if given is None:
    st.stop()
try:
    found = recognizer()(given.getvalue())
except EmotionLabError as trouble:
    st.error(f"Sorry. {trouble}")
    st.stop()
faces = [replace(face, number=number) for number, face in enumerate(found, 1)]
words = "; ".join(face.text for face in faces) or "no face"
st.image(draw_faces(found.picture, faces, smallest=480), output_format="JPEG", caption=words)
if not faces:
    st.info("No face was found. Try a picture in which it is larger, upright, well lit and seen from the front.")
for face in faces:
    st.subheader(f"Face {face.text}")
    for emotion, percent in zip(el.EMOTIONS, (100 * face.probabilities).round().astype(int), strict=True):
        st.progress(int(percent), text=f"{emotion} {percent} %")
st.caption(f"“Not sure” is said below {100 * recognizer().threshold:.0f} %. A word for a picture is not a feeling.")
