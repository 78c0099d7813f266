# beside.py: makes what lies in bench/ importable, for who is started in this folder.
# SPDX-License-Identifier: Apache-2.0

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
