package upstream

// NewProviders lists providers that are ready, in this order.
func NewProviders(list ...*Provider) *Providers { return &Providers{list: list} }
