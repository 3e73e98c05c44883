from matching.models.confidences import Confidant, Confidence, ConfidentialNote
from matching.models.pairing import Pairing
from matching.models.preferences import Preference, PreferenceList
from matching.models.suggestions import SuggestedPair, SuggestionRun

__all__ = [
    "Confidant",
    "Confidence",
    "ConfidentialNote",
    "Pairing",
    "Preference",
    "PreferenceList",
    "SuggestedPair",
    "SuggestionRun",
]
