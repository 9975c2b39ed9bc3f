package xlsx

import (
	"context"
	"errors"
	"io"

	"rollcall/reports"
	"rollcall/schemas"
)

// Save writes an adherence report as a workbook into a file, which appears at path whole or not at all
// (see [reports.ReplaceFile]).
func Save(ctx context.Context, r reports.Reader, q reports.Query, madeAt schemas.Instant, path string, cfg Config) (*reports.Adherence, error) {
	var made *reports.Adherence
	err := reports.ReplaceFile(path, func(w io.Writer) error {
		b, err := New(w, cfg)
		if err != nil {
			return err
		}
		made, err = reports.WriteAdherence(ctx, r, q, madeAt, b)
		return errors.Join(err, b.Close())
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}
