"""What a person commits to by handing in, sentence by sentence, as the page asks it and the receipt keeps it."""


def commitments(cycle):
    """The sentences to confirm, in order."""
    hours = f"{cycle.hours_a_month} hour{'' if cycle.hours_a_month == 1 else 's'}"
    return [
        "What I have written is true, and it is my own.",
        f"I can give at least {hours} a month during the term. {cycle.term_words}",
        "I know that a mentor from my own list cannot be guaranteed.",
    ]


def field(number):
    """The name of the box that confirms the commitment of this number, counted from 1."""
    return f"confirm_{number}"


def ticked(asked, data):
    """Those of the sentences whose boxes a form sent."""
    return [sentence for number, sentence in enumerate(asked, 1) if field(number) in data]


def boxes(asked, confirmed):
    """The boxes as the page draws them."""
    return [
        {"name": field(number), "sentence": sentence, "ticked": sentence in confirmed}
        for number, sentence in enumerate(asked, 1)
    ]


def unconfirmed(asked, confirmed):
    """What is not confirmed yet, as the problems of an application: (section, field, sentence)."""
    return [
        ("review", field(number), f"Please confirm: {sentence}")
        for number, sentence in enumerate(asked, 1)
        if sentence not in confirmed
    ]
