from matching.models.pairing import Pairing
from matching.models.preferences import Preference, PreferenceList
from matching.models.suggestions import SuggestedPair, SuggestionRun

__all__ = ["Pairing", "Preference", "PreferenceList", "SuggestedPair", "SuggestionRun"]
