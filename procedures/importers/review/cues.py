"""The rules of the review reader as tables: which words stand for which theme, section, answer or state.

To teach the reader something, add a phrase here. `;` stands between phrases, `*` for any ending of a word and ` ... `
for up to 120 characters in between; words in capitals are classes of words, and case does not matter. The other modules
of the reader look phrases up and decide what follows from them; these tables know nothing of documents.
"""

import re
from enum import StrEnum

from procedures.model import Action

_WORD_CLASSES = {
    "PROCEDURE": r"(?:procedures?|protocols?|polic(?:y|ies)|pathways?|guidance|guidelines?|toolkits?)",
    "REVISED": r"(?:revised|updated|rewritten|amended|strengthened|refreshed|clarified|launched|published)",
    "COURT": r"(?:proceedings|trials?|court case|prosecutions?|inquest|(?:police|criminal) (?:investigation|process))",
    "ENDED": r"(?:concluded?|ended|end|finish(?:ed)?|completed?|over)",
}


def cue(phrases: str) -> re.Pattern[str]:
    """Compile a row of the tables to one pattern. It has no nested repetition, so it stays linear."""
    return re.compile(r"(?<!\w)(?:" + "|".join(map(_pattern, phrases.split("; "))) + r")(?!\w)", re.I)


def _pattern(phrase: str) -> str:
    escaped = re.escape(phrase).replace(r"\ \.\.\.\ ", r"\b.{0,120}?\b").replace(r"\*", r"\w*")
    for word, pattern in _WORD_CLASSES.items():
        escaped = escaped.replace(word, pattern)
    return escaped.replace("'", "['’]")


class Section(StrEnum):
    """What the part of a document under a heading is about; it also names columns of tables and labels."""

    GOOD_PRACTICE = "good practice"
    STATUS = "status"
    ANSWERS = "answers"
    LEARNING = "learning"
    STORY = "what happened"
    ASIDE = "aside"
    OTHER = "other"


SECTIONS = {
    Section.ASIDE: cue(
        "contents; further reading; further information; resources; references; useful links; glossary; "
        "appendi*; questions; terms of reference; methodology; copyright; contacts; contact us; distribution"
    ),
    Section.GOOD_PRACTICE: cue(
        "good practice; positive practice; effective practice; strong practice; excellent practice; worked well; "
        "went well; working well; strengths; what was done well"
    ),
    Section.STATUS: cue("status; rag; rag rating; complete; completed"),
    Section.ANSWERS: cue(
        "action*; response*; progress; what we did; what we have done; what we are doing; what we will do; "
        "what has been done; what has happened since; what has changed; what will change; what changed; "
        "next steps; outcome*; update; what is being done; changes made; evidence of impact; what is in place"
    ),
    Section.LEARNING: cue(
        "learning; lesson*; finding*; recommendation*; recommends; recommended; key message*; key point*; "
        "learnt; learned; what the review found; review found; safeguarding concern*; what needs to change; "
        "what should; what can; implications for practice; practice point*; key theme*; themes; analysis; "
        "practitioners should; professionals should"
    ),
    Section.STORY: cue(
        "background; incident; what happened; circumstances; case summary; summary of the case; the case; "
        "about the child*; about the family; child and family; family background; chronology; key events; the story; "
        "why this review; why was this review; reason for the review; about child; about baby; who is"
    ),
}
"""Read from the top: 'Actions from the recommendations' is about answers."""

THEMES = {
    "Professional curiosity": cue(
        "curiosity; curious; second question; respectful uncertainty; healthy scepticism; probing questions; "
        "accepted at face value; taken at face value; at face value; not ask* ... question*; did not explore"
    ),
    "Escalation": cue("escalat*; professional disagreement*; professional difference*; professional challenge"),
    "Role of fathers and partners": cue(
        "role of men; role of the father*; role of father*; fathers; role of partner*; invisible men; "
        "unseen men; hidden men; male carer*; hidden carer*; secondary carer*; men in the; mothers' partners; "
        "the father was not; information about ... father; mother's partner; new partner*; male partner*"
    ),
    "Parental substance misuse": cue(
        "substance misuse; substance use; drug misuse; drug use; drug and alcohol; alcohol and drug*; "
        "misuse of drugs; misuse of alcohol; alcohol misuse; cocaine; heroin; methadone; amphetamine*"
    ),
    "Parental mental ill health": cue(
        "parent* mental; mother's mental; father's mental; maternal mental; perinatal mental health; "
        "mental ill health; mental ill-health; mental illness; parent* ... mental health; postnatal depression; "
        "adult mental health; mother ... mental health; father ... mental health"
    ),
    "Domestic abuse": cue("domestic abuse; domestic violence; coercive control; controlling behaviour; marac"),
    "Think family": cue("think family; whole family; whole-family"),
    "Information sharing": cue(
        "information sharing; information-sharing; sharing information; sharing of information; "
        "share* information; share* ... information; information ... shared; information ... not passed; "
        "information ... pass* on; pass* on information; communication between"
    ),
    "Supervision": cue("supervision; supervisor*; reflective discussion*"),
    "Management oversight": cue("management oversight; managerial oversight; manager* ... oversight; manager* sign*"),
    "Voice of the child": cue(
        "voice of the child; voice of children; child's voice; children's voices; lived experience*; "
        "daily life of the child; child's wishes; wishes and feelings; seen alone; spoken to alone"
    ),
    "Children not seen": cue("child* ... not seen; not been seen by; not seen by; unseen child*; access to the home"),
    "Non-mobile infants and bruising": cue(
        "bruis*; non-mobile; non mobile; pre-mobile; not independently mobile; unexplained injur*"
    ),
    "Safer sleep": cue("safer sleep*; safe sleep*; unsafe sleep*; co-sleeping; bed-sharing; bed sharing; sudi"),
    "Pre-birth planning": cue("pre-birth; pre birth; prebirth; unborn; antenatal; concealed pregnanc*; late booking"),
    "Care-leaver parents": cue("care leaver*; care-leaver*; leaving care; care experienced; care-experienced"),
    "Disguised compliance": cue("disguised compliance; superficial* compl*; apparent compliance; feigned compliance"),
    "Start-again syndrome": cue("start again; start-again; starting again"),
    "Fixed thinking and over-optimism": cue(
        "fixed thinking; over-optimis*; over optimis*; overly optimistic; rule of optimism; confirmation bias"
    ),
    "Neglect": cue("neglect*; graded care profile"),
    "Drift": cue("drift; drifted; drifting"),
    "Was not brought": cue(
        "was not brought; were not brought; not brought to; missed appointment*; missed health appointment*; "
        "did not attend; non-attendance; medical neglect"
    ),
    "Chronic illness": cue("chronic illness*; chronic condition*; long-term condition*; diabetes; asthma; epilepsy"),
    "Disability and communication": cue("disabled; disabilit*; special educational needs; non-verbal; autis*"),
    "Transitions to adulthood": cue("transition*; adult services; move to independence; approaching adulthood"),
    "Exploitation and trauma": cue("exploit*; county lines; trauma; trauma-informed; trafficking; contextual*"),
    "Adultification": cue("adultif*"),
    "Race, culture, religion and language": cue(
        "race; racism; ethnic*; cultur* ... religio*; cultural*; interpreter*; first language; faith"
    ),
    "Transfers between areas": cue(
        "moved area*; moves between areas; across boundaries; cross-border; cross border; transfer* ... area*; "
        "moved between areas; transfer-in; moved to another area; move* across"
    ),
    "Record keeping": cue(
        "record keeping; record-keeping; recording; case records; chronolog*; not recorded; poorly recorded"
    ),
    "Thresholds": cue("threshold*; step-down; step down; stepped down"),
    "Kinship care": cue("kinship; family and friends care; special guardian*; connected person*"),
    "IT and records access": cue(
        "access to computer*; computers; laptop*; mobile working; mobile device*; it system*; shared record*; "
        "access to ... records; electronic record*; records system*; information system*; case management system*"
    ),
    "Recognition of BRUE": cue("brue; brief resolved unexpected event*; apparent life-threatening event*; alte"),
    "Toxicology": cue("toxicolog*; hair strand; drug screen*"),
    "Head injury and crying babies": cue("abusive head trauma; shaken; shaking; icon; crying bab*; coping with crying"),
    "Attendance at school": cue("missing education; absent from school; school attendance; absence from school"),
    "Engaging reluctant families": cue("reluctan* ... engage; hostil*; non-engagement; uncooperative; did not engage"),
}

BOILERPLATE = cue("abuse or neglect; abuse and neglect; neglect or abuse")
"""Words of the statute: a sentence with them is not yet about the theme."""

ACTIONS = {
    Action.PROCEDURE_REVISED: cue(
        "PROCEDURE ... REVISED; REVISED the PROCEDURE; REVISED its PROCEDURE; REVISED the ... PROCEDURE; "
        "revise PROCEDURE; revise ... PROCEDURE; update ... PROCEDURE; amend ... PROCEDURE; new PROCEDURE; "
        "procedure* ... written; procedure* ... introduced; protocol ... agreed; changed its procedure*"
    ),
    Action.AUDIT: cue("audit*; dip sampl*; dip-sampl*; case file review*; re-audit*"),
    Action.SYSTEM_CHANGE: cue(
        "access to computer*; mobile access; laptop*; mobile device*; it system*; electronic ... form; "
        "shared record*; flag* ... record*; alert ... record*; records system ... chang*; template* ... chang*; "
        "new post*; new team; new role*; new service; co-locat*; commissioned a; was commissioned to; "
        "new process; single point of; new referral form; system* ... chang*; introduced a; has introduced; "
        "now attends; now attend; now notified; automatic* ... notif*; recruited"
    ),
    Action.TRAINING: cue(
        "train*; e-learning; workshop*; webinar*; learning event*; conference; masterclass*; briefing session*; "
        "presentation*; learning briefing*; seven-minute briefing*; seven minute briefing*; awareness raising; "
        "toolbox talk*; podcast*; learning session*; awareness campaign; raise awareness"
    ),
    Action.GUIDANCE_IN_PLACE: cue(
        "guidance ... in place; guidance ... available; up to date guidance; up-to-date guidance; has guidance; "
        "have guidance; have ... guidance; procedure* ... in place; procedure* ... cover*; "
        "protocol ... in place; policy ... in place; pathway ... in place; guidance ... cover*; "
        "guidance ... sets out; hold* ... guidance; procedures ... already; procedure* ... set* out; "
        "procedure* ... make* clear"
    ),
}
"""Where words of several stand in one sentence, the answer named first in the sentence is the one proposed."""

PENDING = cue(
    "will be; will; is being; are being; to be; plans to; planned; in progress; under way; underway; "
    "ongoing; on-going; not yet; due to; is due; outstanding; not started; in development; intends to; "
    "not complete; not completed; incomplete; partially; partly"
)
DONE = cue(
    "has been; have been; has now; have now; was; were; complete; completed; done; undertook; delivered; "
    "now have; now has; now attend*; undertakes; undertake; in place; have ... guidance; has ... guidance; "
    "we have; has introduced; has revised; has updated; has trained; held; took place; implemented; closed; "
    "gave; given; sent; made; issued; provided; added; created; appointed; recruited; carried out; runs; "
    "carries out; holds; provides; delivers; audits; offers; requires; now includes; hold; achieved; "
    "trained; ran; revised; updated; launched; introduced; ensured; attended; received"
)
NEGATED = cue("not; no; never; lack*; without; insufficient; limited")
ADVICE = cue(
    "should; must; need to; needs to; ought to; it is important; it is essential; is vital; recommend*; "
    "seek assurance; learning point*; lesson*; to consider; to ensure; be reminded"
)
"""What a sentence says that tells somebody to do something."""

FOUND = cue(
    "review found; review identified; review highlighted; review concluded; review noted; reviewer found; "
    "review considered; review heard; reviewers found; panel found; analysis highlighted; "
    "learning from this; learning identified; review showed; review looked at; review recommended; "
    "review recommends; reviews found"
)
GOOD_PRACTICE = cue(
    "example* of good; evidence of good practice; area* of good practice; good practice was; "
    "good practice is; good practice included; good practice includes; was good practice; "
    "was also good practice; identified good; some good practice; good practice by; good practice in; "
    "there was good practice; good practice identified; excellent practice; strong practice; "
    "positive practice; worked well; commend*; strengths included"
)
NOT_GOOD_PRACTICE = cue(
    "not good practice; not ... good practice; should ... good practice; good practice would; good practice guid*"
)

HARM = cue(
    "suffered; died; dies; death; killed; sustained; injur*; incident; collaps*; was found; were found; "
    "admitted to hospital; taken to hospital; brought to hospital; harmed; stabbed; assaulted; "
    "presented at hospital; attended hospital; life-threatening; starvation; drowned; overdose; shaken"
)
STORY = cue(
    "mother; father; parents; stepfather; grandmother; grandparents; siblings; the family; the baby; "
    "months old; weeks old; days old; years old; aged; toxicology ... found; toxicology ... showed; "
    "was born; lived with; professionals believed; agencies believed; was known to; were known to"
)
"""Words by which a sentence of the opening, under no heading, tells what happened."""

KINDS = {
    "serious case review": cue("serious case review*; scr"),
    "local child safeguarding practice review": cue(
        "local child safeguarding practice review*; lcspr; lcsprs; local safeguarding practice review*; cspr; "
        "child safeguarding practice review; child safeguarding practice reviews"
    ),
    "rapid review": cue("rapid review*"),
    "thematic review": cue("thematic review*; thematic learning; thematic briefing; thematic analysis; thematic"),
    "national review": cue("national review*; national child safeguarding practice review*; national panel review"),
}
PANEL = cue("child safeguarding practice review panel")
"""The national body; its name is not the name of a kind of review."""

BRIEFING = cue(
    "seven-minute briefing; seven minute briefing; 7-minute briefing; 7 minute briefing; learning briefing; "
    "learning review; case review; overview report; practice review; learning together; learning from; "
    "review briefing; practice briefing; response to; executive summary"
)
RESPONSE = cue("response*; action plan; what we have done; what we did; progress report; progress update")
"""Words of a title by which the whole document says what was done."""
REVIEWER = cue("independent reviewer*; lead reviewer*; independent author; author of the ... review; review panel")
NUMBERED_LEARNING = cue("recommendation 1; finding 1; learning point 1; lesson 1; recommendations; learning points")
PROCEDURE = {
    "speaks of itself": cue("this procedure; these procedures; this policy; this protocol; this chapter"),
    "review lines": cue("last reviewed; date of last review; next review; review due; under review; for review in"),
    "amendments": cue("show amendments; amendment*"),
    "instructs": cue(
        "must be made; must make a referral; should be referred; do this now; must contact; must be referred"
    ),
    "scope": cue("applies to all; scope; definition*; statutory guidance; related guidance; local arrangements"),
    "steps": cue("within one working day; strategy discussion; strategy meeting; working days; front door"),
}
"""What makes a text a procedure; each row that is found counts once."""
