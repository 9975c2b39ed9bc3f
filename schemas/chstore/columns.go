package chstore

import (
	"fmt"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/uuid"

	"rollcall/schemas"
)

// The column types of the store as the protocol names them.
const (
	typeInstant = proto.ColumnType("DateTime64(3, 'UTC')")
	typeDate    = proto.ColumnType("Date32")
)

// The enumerations of the store, made from the words of package schemas so that the two cannot drift apart.
var (
	typePresence = enumType(schemas.PresenceOffline)
	typeStatus   = enumType(schemas.StatusOffQueue)
	typeRouting  = enumType(schemas.RoutingNotResponding)
	typeCategory = enumType(schemas.CategoryUnscheduled)
	typeVerdict  = enumType(schemas.VerdictOutside)
	typeKind     = enumType(schemas.KindWrongStatus)
	typeImpact   = enumType(schemas.ImpactNeutral)
	typeReason   = enumType(schemas.ReasonNothingScheduledOnQueue)
	typeDayState = enumType(schemas.DayRestated)
)

// enumType writes Enum8(” = 0, 'unknown' = 1, ...) for the words up to last.
func enumType[E interface {
	~uint8
	fmt.Stringer
}](last E) proto.ColumnType {
	words := make([]string, 0, int(last)+1)
	for v := range int(last) + 1 {
		words = append(words, fmt.Sprintf("'%s' = %d", E(v), v))
	}
	return proto.ColumnType("Enum8(" + strings.Join(words, ", ") + ")")
}

// instants is a column of DateTime64(3, 'UTC') that holds milliseconds.
type instants struct{ proto.ColInt64 }

// Type returns the column's type.
func (instants) Type() proto.ColumnType { return typeInstant }

func (c *instants) at(i int) schemas.Instant { return schemas.Instant(c.ColInt64[i]) }

// days is a column of Date32.
type days struct{ proto.ColInt32 }

// Type returns the column's type.
func (days) Type() proto.ColumnType { return typeDate }

// words is a column of Enum8 that holds the numbers of an enumeration of package schemas.
type words struct {
	proto.ColUInt8
	of proto.ColumnType
}

// Type returns the column's type with its words.
func (c words) Type() proto.ColumnType { return c.of }

func (c *words) at(i int) uint8 { return c.ColUInt8[i] }

// lowTextsWritten is a column of LowCardinality(String) that keeps its dictionary over many blocks, so that a text that
// was seen before costs one look into a map.
type lowTextsWritten struct {
	index proto.ColStr
	keys  proto.ColUInt32
	seen  map[string]uint32
	last  string
	key   uint32
}

// lowTextsLimit is the number of texts from which on the dictionary starts anew with the next block.
const lowTextsLimit = 4096

// add appends a text.
func (c *lowTextsWritten) add(v string) {
	if v != c.last || len(c.keys) == 0 {
		c.last, c.key = v, c.find(v)
	}
	c.keys = append(c.keys, c.key)
}

func (c *lowTextsWritten) find(v string) uint32 {
	if key, ok := c.seen[v]; ok {
		return key
	}
	if c.seen == nil {
		c.seen = map[string]uint32{}
	}
	key := uint32(c.index.Rows()) //nolint:gosec // bounded by the rows of a block
	c.index.Append(v)
	c.seen[strings.Clone(v)] = key
	return key
}

// Type returns the column's type.
func (*lowTextsWritten) Type() proto.ColumnType { return "LowCardinality(String)" }

// Rows returns the number of rows.
func (c *lowTextsWritten) Rows() int { return len(c.keys) }

// Reset empties the column.
func (c *lowTextsWritten) Reset() {
	c.keys = c.keys[:0]
	if c.index.Rows() > lowTextsLimit {
		c.index.Reset()
		clear(c.seen)
	}
}

func (c *lowTextsWritten) raw() proto.ColLowCardinalityRaw {
	return proto.ColLowCardinalityRaw{Index: &c.index, Key: proto.KeyUInt32, Keys32: c.keys}
}

// EncodeState writes the version of the encoding of keys.
func (c *lowTextsWritten) EncodeState(b *proto.Buffer) { c.raw().EncodeState(b) }

// EncodeColumn writes dictionary and keys.
func (c *lowTextsWritten) EncodeColumn(b *proto.Buffer) { c.raw().EncodeColumn(b) }

// WriteColumn writes dictionary and keys without copying the keys.
func (c *lowTextsWritten) WriteColumn(w *proto.Writer) { c.raw().WriteColumn(w) }

// lowTextsRead is a column of LowCardinality(String) as a result. text returns shared strings: a text that comes in
// many blocks is one string.
type lowTextsRead struct {
	proto.ColLowCardinalityRaw
	index proto.ColStr
	texts []string
	ready bool
	share *sharing
}

func newLowTextsRead(share *sharing) *lowTextsRead {
	c := &lowTextsRead{share: share}
	c.Index = &c.index
	return c
}

// DecodeColumn reads a block's dictionary and keys.
func (c *lowTextsRead) DecodeColumn(r *proto.Reader, rows int) error {
	c.Reset()
	c.ready = false
	return c.ColLowCardinalityRaw.DecodeColumn(r, rows)
}

// key returns the number of row i in the block's dictionary.
func (c *lowTextsRead) key(i int) int {
	switch c.Key {
	case proto.KeyUInt8:
		return int(c.Keys8[i])
	case proto.KeyUInt16:
		return int(c.Keys16[i])
	case proto.KeyUInt32:
		return int(c.Keys32[i])
	default:
		return int(c.Keys64[i]) //nolint:gosec // a dictionary fits into memory
	}
}

// text returns row i.
func (c *lowTextsRead) text(i int) string {
	if !c.ready {
		c.texts = c.texts[:0]
		for k := range c.index.Rows() {
			c.texts = append(c.texts, c.share.text(c.index.RowBytes(k)))
		}
		c.ready = true
	}
	return c.texts[c.key(i)]
}

// lowTexts is a column of LowCardinality(String) that is written and read.
type lowTexts struct {
	lowTextsWritten
	read lowTextsRead
}

// Rows returns the number of rows that were added or read.
func (c *lowTexts) Rows() int { return max(c.lowTextsWritten.Rows(), c.read.Rows()) }

// Reset empties the column.
func (c *lowTexts) Reset() {
	c.lowTextsWritten.Reset()
	c.read.Reset()
}

// DecodeState reads the version of the encoding of keys.
func (c *lowTexts) DecodeState(r *proto.Reader) error { return c.read.DecodeState(r) }

// DecodeColumn reads a block's dictionary and keys.
func (c *lowTexts) DecodeColumn(r *proto.Reader, rows int) error { return c.read.DecodeColumn(r, rows) }

// sharing holds one string per text, so that a text that comes a million times is stored once. It forgets everything
// when it holds many, which bounds it.
type sharing struct{ seen map[string]string }

const sharingLimit = 1 << 16

func (s *sharing) text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if t, ok := s.seen[string(b)]; ok {
		return t
	}
	if s.seen == nil || len(s.seen) >= sharingLimit {
		s.seen = map[string]string{}
	}
	t := string(b)
	s.seen[t] = t
	return t
}

// elements is a column that is written and read, by itself or as the elements of a list.
type elements interface {
	proto.ColInput
	proto.ColResult
}

// list is a column of Array: ends[i] is the number of elements in rows 0 to i.
type list[C elements] struct {
	ends proto.ColUInt64
	data C
}

func newList[C elements](data C) *list[C] { return &list[C]{data: data} }

// end closes a row of n elements that were added to data.
func (c *list[C]) end(n int) {
	if rows := len(c.ends); rows > 0 {
		n += int(c.ends[rows-1]) //nolint:gosec // an index into memory
	}
	c.ends = append(c.ends, uint64(n)) //nolint:gosec // a count
}

// bounds returns the elements of row i as [from, to).
func (c *list[C]) bounds(i int) (from, to int) {
	if i > 0 {
		from = int(c.ends[i-1]) //nolint:gosec // an index into memory
	}
	return from, int(c.ends[i]) //nolint:gosec // an index into memory
}

// Type returns Array of the element's type.
func (c *list[C]) Type() proto.ColumnType { return proto.ColumnTypeArray.Sub(c.data.Type()) }

// Rows returns the number of rows.
func (c *list[C]) Rows() int { return len(c.ends) }

// Reset empties the column.
func (c *list[C]) Reset() {
	c.ends = c.ends[:0]
	c.data.Reset()
}

// EncodeState writes what the elements have before the rows.
func (c *list[C]) EncodeState(b *proto.Buffer) {
	if v, ok := any(c.data).(proto.StateEncoder); ok {
		v.EncodeState(b)
	}
}

// DecodeState reads what the elements have before the rows.
func (c *list[C]) DecodeState(r *proto.Reader) error {
	if v, ok := any(c.data).(proto.StateDecoder); ok {
		return v.DecodeState(r)
	}
	return nil
}

// DecodeColumn reads ends and elements.
func (c *list[C]) DecodeColumn(r *proto.Reader, rows int) error {
	c.ends = c.ends[:0]
	if err := c.ends.DecodeColumn(r, rows); err != nil {
		return fmt.Errorf("array ends: %w", err)
	}
	size := 0
	if rows > 0 {
		size = int(c.ends[rows-1]) //nolint:gosec // checked by the elements
	}
	return c.data.DecodeColumn(r, size)
}

// EncodeColumn writes ends and elements.
func (c *list[C]) EncodeColumn(b *proto.Buffer) {
	c.ends.EncodeColumn(b)
	c.data.EncodeColumn(b)
}

// WriteColumn writes ends and elements without copying where the element can.
func (c *list[C]) WriteColumn(w *proto.Writer) {
	c.ends.WriteColumn(w)
	c.data.WriteColumn(w)
}

func parseUUID(id string) (uuid.UUID, error) {
	v, err := uuid.Parse(id)
	if err != nil {
		return v, fmt.Errorf("journal row id %q is not a UUID", id)
	}
	return v, nil
}
