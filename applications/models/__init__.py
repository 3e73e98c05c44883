from applications.models.application import (
    Application,
    IncompleteApplication,
    StaleDraft,
    UnchangedApplication,
)
from applications.models.asked import Asked, Attestation
from applications.models.decisions import Decision, Outcome, Release, Verification
from applications.models.demographics import Demographics
from applications.models.earlier import EarlierText
from applications.models.files import AnswerFile
from applications.models.mentors import MentorInterest
from applications.models.notes import NextCycleNote
from applications.models.offers import PlaceOffer
from applications.models.places import Place
from applications.models.submissions import Submission
from applications.models.waivers import Waiver

__all__ = [
    "AnswerFile",
    "Application",
    "Asked",
    "Attestation",
    "Decision",
    "Demographics",
    "EarlierText",
    "IncompleteApplication",
    "MentorInterest",
    "NextCycleNote",
    "Outcome",
    "Place",
    "PlaceOffer",
    "Release",
    "StaleDraft",
    "Submission",
    "UnchangedApplication",
    "Verification",
    "Waiver",
]
