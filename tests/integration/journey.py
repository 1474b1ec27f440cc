"""The ways through the product that several tests take, as a person without JavaScript goes them."""
import itertools
import json
import os

import frame

PORTS = "/ports"
SAMPLE_BILL = frame.EXAMPLES / "sample-bill.pdf"
