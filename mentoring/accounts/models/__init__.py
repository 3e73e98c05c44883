from mentoring.accounts.models.erasure import ErasureRequest
from mentoring.accounts.models.institutions import Affiliation, Alias, Institution
from mentoring.accounts.models.people import CareerStage, User

__all__ = ["Affiliation", "Alias", "CareerStage", "ErasureRequest", "Institution", "User"]
