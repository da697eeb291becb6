package media

import (
)
