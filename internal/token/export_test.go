package token

import "context"

// Tend does at once what Start does every so often.
func (k *Keys) Tend() { k.tend(context.Background()) }
