"""Names of commands that are also words of English, of forms or of formats.

Alone they say little about what is started.
"""

_TEXT = (
    "about animate apply ar arch as at banner base base64 basename batch bind bundle c cat cc"
    " chat check clear column comm compare compose composite convert crypt cut date diff dig dir"
    " display docker dot echo edit editor env ex expand expect expiry expr factor false file find"
    " flock fold free from go hash head help host hostname id identify import info install ip java"
    " job join json kill last ld less link ln locale logger login look lua m4 mail make man master"
    " merge mesg message mode monitor montage more mount mv name news nice nl node now od on open"
    " openssl pager parallel passwd paste patch ping pip pipe play plot power pr print printenv"
    " process prove python r read rename render report reset resize rev rm route ruby run scalar"
    " script see select seq service set sh shell show size sleep snap sort source split start stat"
    " state stop stream strings su sum sync table tabs tag tail tee test text time timeout top"
    " touch tr tree true truncate type uniq units unlink up update upload uptime users version vi"
    " view w wait wall watch what which who word words write yes zip"
)
WORDS = frozenset(_TEXT.split())
