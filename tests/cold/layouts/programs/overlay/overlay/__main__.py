import sys

import ledger.cli
import overlay_hook

print(overlay_hook.CALLED)
ledger.cli.main()
