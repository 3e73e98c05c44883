from matching.models.confidences import Confidant, Confidence, ConfidentialNote
from matching.models.crowd import CrowdReading
from matching.models.holds import Hold
from matching.models.more_time import MoreTime
from matching.models.notes import MenteeNote
from matching.models.pairing import Pairing
from matching.models.preferences import Preference, PreferenceList
from matching.models.scenarios import Scenario
from matching.models.suggestions import SuggestedPair, SuggestionRun
from matching.models.weights import Weights

__all__ = [
    "Confidant",
    "Confidence",
    "ConfidentialNote",
    "CrowdReading",
    "Hold",
    "MenteeNote",
    "MoreTime",
    "Pairing",
    "Preference",
    "PreferenceList",
    "Scenario",
    "SuggestedPair",
    "SuggestionRun",
    "Weights",
]
