package batch

import "context"

// Pair is one agent-day without an overlay and with it.
type Pair = pair

// Compare yields what WhatIf adds up.
func (b *Batch) Compare(ctx context.Context, req Request, overlay *Overlay, yield func([]Pair) error,
	done func(agents, of int)) error {
	req.Overlay, req.Fresh = nil, true
	before, after, err := b.bothSides(ctx, req, overlay)
	if err != nil {
		return err
	}
	return b.compare(ctx, req, overlay, before, after, yield, done)
}
