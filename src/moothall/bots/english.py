"""The little English that the house bots know: the gerund of a verb, and whether a word is nice or nasty.

`gerund` spells by rule, the American way where two spellings are right ("traveling"); the word lists name what no rule
can tell from the spelling, which is mostly where the stress lies. `is_nasty` knows a few hundred nasty words by their
bare form and recognises the other forms by inflecting; every other word is nice.

Never looks anything up outside this module and never fails: any text has an answer, if not always a pretty one.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["gerund", "is_nasty"]

_VOWELS = frozenset("aeiouy")
_NEVER_DOUBLED = _VOWELS | frozenset("hwx")
_PUNCTUATION = ",.;:!?"

# Not the verb itself, but a verb follows: "never give up", "eat and drink".
_BEFORE_A_VERB = frozenset("also always and just maybe never not only or really".split())
_AND = ("and", "or")

# After a hyphen these are no verbs: "check-in", "log-off".
_PARTICLES = frozenset("by down in off on out over up".split())

# Verbs that end in "ing" with a vowel before it, and are no gerunds for that ("hamstring" is told by its "string").
_VERBS_IN_ING = frozenset("misbring outbring outsing outswing resing resling unsling".split())

_IRREGULAR_GERUNDS = {
    "be": "being",
    "awe": "aweing",
    "binge": "bingeing",
    "cue": "cueing",
    "ok": "OKing",
    "singe": "singeing",
    "swinge": "swingeing",
    "tinge": "tingeing",
    "whinge": "whingeing",
}

# "lie" becomes "lying", and "untie" "untying"; those of another origin keep their "ie": "boogieing".
_IE_BECOMES_Y = frozenset("belie die hie lie outlie overlie retie tie underlie untie vie".split())

# Stressed on the last syllable, so that its consonant is doubled: "admitting", where "visit" gives "visiting".
_STRESSED_LAST = frozenset(
    """
        abet abhor abut acquit admit allot annul aver befit beget begin beset bestir bobsled commit compel concur
    confer     control corral debar debug defer demur deter disbar disinter dispel distil embed emit enrol enthral
    equip excel     expel extol forbid forget format fulfil hobnob impel imbed incur infer inset instil inter japan
    manumit misfit     nonplus occur offset omit outfit patrol permit prefer preset propel rappel rebel rebut recur
    refer refit regret remit     repel reset retrofit sublet submit transfer transmit typeset unfit upset
    """.split()
)

# A compound keeps the doubling of its last part: "kidnapping", "babysitting", "rerunning".
_LAST_PARTS = tuple(
    """
    bag bar bid blog bug cap chat chop clip cut drop flip fog frog gram grip gun hop hug jet knit lag lap leg log man
    map nap pad pin plan plot plug pot prop put rap rig run sag scan ship shop shot sit skip slam slip snap spin spot
    star step stop strap strip swap tag tap trap trip trim wag web whip wig win wit wrap zag zip
    """.split()
)

# Stressed earlier, although they look like one of the two kinds above.
_STRESSED_EARLIER = frozenset("analog bishop catalog deposit dialog posit transit visit".split())

# What few want done to them, and the names of such deeds and moods: our own list, in the plainest sense of each word.
_NASTY = frozenset(
    """
    abduct abuse accuse aggravate aggression ambush anger angry annihilate annoy antagonise antagonize argue arrest
    arson assassin assassinate assault attack awful backstab bad badmouth ban banish bash beat behead belittle
    berate besiege betray betrayal bicker bite blackmail blame bleed bomb bombard boo bother brainwash brawl brutal
    brutalize bullet bully burglary burgle burn butcher cannibal captivity censor chaos cheat choke clash clobber
    coerce collide complain complaint con confiscate conflict conquer conspire corrupt counterfeit crash crime
    cripple criticize crook crucify cruel cruelty crush curse damage damn decapitate deceit deceive defame defraud
    degrade delude demean demolish demonize denigrate deport deprive desecrate despise destroy destruction detest
    devastate dirty disappoint discriminate disgrace disgust dishonest dishonor dislike dismember disobey disown
    disparage disrespect disrupt distress disturb dominate doom doublecross drown drub dump eavesdrop embarrass
    embezzle endanger enrage enslave evict evil exclude execute exile explode exploit explosion extort fake falsify
    feud fight fistfight flog fool force forge foul fraud frighten frown frustrate furious gaslight genocide gloat
    goad gossip gouge greed greedy grief grope growl grudge grumble gun hack harass harm harsh hassle hate hatred
    headbutt heckle hijack hinder hit hoax hoodwink hooligan hooliganism horrible hostage hostile hound humiliate
    hurt hurtful ignore impale imposter imprison incite infect infest infuriate injure insult interrupt intimidate
    intrude invade irritate isolate jab jail jealous jealousy jeer jilt jinx kick kidnap kill laze liar libel lie
    litter loath loathe loot lynch maim malice malign maltreat mangle manipulate massacre maul mean menace misbehave
    mischief mislead mistreat misuse mob mock molest mope mug murder mutilate mutiny nag nasty neglect nuke
    obliterate offend oppress ostracize outrage overcharge overthrow overwhelm pain panic pelt perjure pester pilfer
    pillage pinch plagiarize plague plunder poach poison poke pollute pout prank prey provoke prowl pummel punch
    punchup punish purge quarrel rage ransack ransom rant rape ravage rebuke reject retaliate revenge ridicule riot
    rob robbery rude ruin sabotage scalp scam scandal scar scare scold scorn scowl scratch scream scuffle sexist
    shackle shame shatter shoot shoplift shout shove shriek shun sicken sin skirmish slam slander slap slaughter
    slay smack smash smear smite smuggle snarl snatch sneer snitch snoop snub spam spank spit spite spoil spurn spy
    squabble squander stab stalk starve steal sting stink stomp strangle strike stun subdue sue suffocate sulk swat
    swear swindle taint tantrum tattle taunt tease terrible terror terrorism terrorize theft thief thrash threat
    threaten throttle thug torch torment torture traitor trample trap trash treason trespass trick troll tyranny
    tyrant ugly undermine unfair unfaithful unfriend unkind upset usurp vandal vandalism vandalize vengeance venom
    vex vicious victimize vile villain villainy violate violence violent vomit wail wallop war warfare waste weapon
    whack whine whip wicked worry wound wreak wreck wrong yell
    """.split()
)

# Their forms that no rule makes.
_BARE_FORMS = {
    "beaten": "beat",
    "bit": "bite",
    "bitten": "bite",
    "bled": "bleed",
    "burnt": "burn",
    "fought": "fight",
    "misled": "mislead",
    "overthrew": "overthrow",
    "overthrown": "overthrow",
    "shot": "shoot",
    "slain": "slay",
    "slew": "slay",
    "spat": "spit",
    "smitten": "smite",
    "smote": "smite",
    "stank": "stink",
    "stole": "steal",
    "stolen": "steal",
    "stricken": "strike",
    "struck": "strike",
    "stung": "sting",
    "stunk": "stink",
    "swore": "swear",
    "sworn": "swear",
    "thieves": "thief",
}

# Forms of these by their spelling alone.
_NOT_NASTY = frozenset("banner gunner meaning poker".split())

# Verbs that say little themselves: of "start a fight" and "be mean" the rest decides.
_LIGHT_VERBS = frozenset(
    "be become commit declare do feel get give go have keep make play start stay take tell wage".split()
)
_NEGATIONS = frozenset(("never", "not"))


def gerund(verb: str) -> str:
    """Return "hugging" for "hug" and "playing chess" for "play chess"; what is a gerund already stays.

    Of several words the first is the verb, but for adverbs before it ("not fight"); verbs that are joined to it change
    with it ("eat, drink and be merry").
    """
    words = verb.split()
    for place, word in enumerate(words):
        if word.lower() in _BEFORE_A_VERB:
            continue
        bare = word.rstrip(_PUNCTUATION)
        words[place] = _gerund_of_word(bare) + word[len(bare) :]
        if not word.endswith(",") and words[place + 1 : place + 2] not in (["and"], ["or"]):
            break
    return " ".join(words)


def is_nasty(word: str) -> bool:
    """Say whether `word`, in any of its forms, is something nasty: "steal", "stole", "stealing" and "stealer" all are.

    Unknown words are nice. Of several words the verb decides ("fight crime" is nasty, "avoid a fight" is nice); after a
    verb that says little ("start a fight") the rest does, and what is not done is nice.
    """
    words = [part.strip(_PUNCTUATION) for part in word.lower().replace("-", " ").split()]
    words = [part for part in words if part in _NEGATIONS or part not in _BEFORE_A_VERB]
    if not words or words[0] in _NEGATIONS:
        return False
    deciding = words if words[0] in _LIGHT_VERBS else words[:1]
    return any(base in _NASTY for part in deciding if part not in _NOT_NASTY for base in _bare_forms(part))


def _gerund_of_word(word: str) -> str:
    # Of "double-check" the last part is the verb, of "check-in" it is not.
    parts = word.split("-")
    verb_at = len(parts) - 1
    while verb_at > 0 and parts[verb_at].lower() in _PARTICLES:
        verb_at -= 1
    verb = parts[verb_at]
    if verb[-1:].isalpha() and not _is_gerund(verb.lower()):
        parts[verb_at] = _inflect(verb)
    return "-".join(parts)


def _is_gerund(word: str) -> bool:
    stem = word[: -len("ing")]
    return (
        word.endswith("ing")
        and any(letter in _VOWELS for letter in stem)
        and not word.endswith("string")
        and word not in _VERBS_IN_ING
    )


def _inflect(word: str) -> str:
    low = word.lower()
    if low in _IRREGULAR_GERUNDS:
        return _IRREGULAR_GERUNDS[low]
    if low in _IE_BECOMES_Y:
        return word[:-2] + "ying"
    if low.endswith("e") and not low.endswith(("ee", "ie", "oe", "ye")) and len(low) > 2:
        return word[:-1] + "ing"
    if low.endswith(("ac", "ic", "oc")) and _syllables(low) > 1:
        return word + "king"
    if _doubles_its_consonant(low):
        return word + low[-1] + "ing"
    return word + "ing"


def _doubles_its_consonant(word: str) -> bool:
    root = word.removeprefix("re")
    if word in _STRESSED_EARLIER or root in _STRESSED_EARLIER:
        return False
    stressed_last = word in _STRESSED_LAST or root in _STRESSED_LAST or word.endswith(_LAST_PARTS)
    return _ends_short(word) and (stressed_last or _syllables(word) == 1)


def _ends_short(word: str) -> bool:
    """Say whether `word` ends in one vowel and one consonant of the kind that can be doubled: "hug", not "eat"."""
    spoken = "  " + _spoken(word)
    before, vowel, last = spoken[-3], spoken[-2], spoken[-1]
    return last not in _NEVER_DOUBLED and vowel in _VOWELS and before not in _VOWELS


def _syllables(word: str) -> int:
    # One for each run of vowels.
    return len("".join(letter if letter in _VOWELS else " " for letter in _spoken(word)).split())


def _spoken(word: str) -> str:
    # The u of "quit" and the y of "yell" are no vowels.
    word = word.replace("qu", "kw")
    return "j" + word[1:] if word.startswith("y") else word


def _bare_forms(word: str) -> Iterator[str]:
    # What `word` may be a form of, itself first. Much of it is no word at all, which does no harm.
    yield word
    if word in _BARE_FORMS:
        yield _BARE_FORMS[word]
    if word.endswith("s"):
        yield from (word[:-1], word.removesuffix("es"))
    for ending in ("ies", "ied", "ier", "iest"):
        if word.endswith(ending):
            yield from (word.removesuffix(ending) + bare for bare in ("y", "ie"))
    for ending in ("ing", "ings", "ed", "er", "ers", "est"):
        if word.endswith(ending):
            yield from _verbs_of(word.removesuffix(ending) + "ing")


def _verbs_of(form: str) -> Iterator[str]:
    # Guess, then inflect the guess: "robbing" is a form of "rob", "robing" is not.
    stem = form.removesuffix("ing")
    for verb in (stem, stem + "e", stem[:-1], stem[:-1] + "ie"):
        if gerund(verb) == form or (verb.endswith("l") and verb + "ling" == form):
            yield verb
