"""Emotion in a voice: recordings, spectrograms, a network split by speaker, and a listener without TensorFlow.

voices = el.load_voices()                    # EMO-DB: four emotions, ten actors, in German
answer = el.VoiceListener()("talk.wav")      # answer.emotion, .emotions, .confidence, .probabilities
spectrogram(wave)                            # (48, FRAMES), what the network is fed with
train_fold(voices, speaker_folds(voices), 0, VoiceRecipe())
recorded.load("emodb").table()               # what was measured
"""

from emotionlab.sound import recorded
from emotionlab.sound.dataset import Voices
from emotionlab.sound.features import log_mel, mel_filters, power_spectrogram, spectrogram, trim_silence
from emotionlab.sound.listener import VoiceAnswer, VoiceListener
from emotionlab.sound.loading import load_voices
from emotionlab.sound.networks import voice_cnn
from emotionlab.sound.reading import read_sound
from emotionlab.sound.training import VoiceRecipe, random_folds, speaker_folds, train_fold, uar

__all__ = [
    "VoiceAnswer",
    "VoiceListener",
    "VoiceRecipe",
    "Voices",
    "load_voices",
    "log_mel",
    "mel_filters",
    "power_spectrogram",
    "random_folds",
    "read_sound",
    "recorded",
    "speaker_folds",
    "spectrogram",
    "train_fold",
    "trim_silence",
    "uar",
    "voice_cnn",
]
