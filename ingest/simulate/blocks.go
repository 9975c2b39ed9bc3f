package simulate

import (
	"strconv"
	"time"

	"rollcall/schemas"
)

// mode is what an agent is up to at one moment.
type mode uint8

const (
	offline mode = iota
	onQueue
	onBreak
	atMeal
	inMeeting
	inTraining
	offQueue
	notResponding
)

// code is one line of activities.csv: a kind of activity and the mode in which it is done as scheduled.
type code struct {
	name        string
	category    schemas.Category
	paid        bool
	shrinkage   bool
	mode        mode
	secondary   string
	description string
}

// The codes, in the order of activities.csv.
var codes = []code{
	{"Phones", schemas.CategoryOnQueueWork, true, false, onQueue, "", ""},
	{"Chat", schemas.CategoryOnQueueWork, true, false, onQueue, "", ""},
	{"Email", schemas.CategoryOnQueueWork, true, false, onQueue, "", ""},
	{"Admin", schemas.CategoryOffQueueWork, true, true, offQueue, "", ""},
	{"Project work", schemas.CategoryOffQueueWork, true, true, offQueue, "Project", `the "spring" catalogue, part 2`},
	{"Break", schemas.CategoryBreak, true, true, onBreak, "", ""},
	{"Lunch", schemas.CategoryMeal, false, true, atMeal, "", ""},
	{"Huddle", schemas.CategoryMeeting, true, true, inMeeting, "", "team news, room 2"},
	{"One to one", schemas.CategoryMeeting, true, true, inMeeting, "One to one", ""},
	{"Coaching", schemas.CategoryTraining, true, true, inTraining, "Coaching", ""},
	{"Product training", schemas.CategoryTraining, true, true, inTraining, "", ""},
	{"Holiday", schemas.CategoryTimeOff, true, true, offline, "", ""},
	{"Appointment", schemas.CategoryTimeOff, false, true, offline, "", "doctor, back tomorrow"},
	{"Unavailable", schemas.CategoryUnavailable, false, true, offline, "", ""},
}

// Places in codes.
const (
	phones, chat, email = 0, 1, 2
	admin, project      = 3, 4
	pause, lunch        = 5, 6
	huddle, oneToOne    = 7, 8
	coaching, product   = 9, 10
	holiday             = 11
	appointment         = 12
	unavailable         = 13
)

// block is one scheduled activity.
type block struct {
	schemas.Interval
	code int
}

func (b *block) mode() mode { return codes[b.code].mode }

// rests says that the block is time off or unavailable.
func (b *block) rests() bool { return b.mode() == offline }

// dayKind is what sort of date it is for an agent.
type dayKind uint8

const (
	dayOff      dayKind = iota // nothing scheduled
	dayShift                   // a shift
	dayHoliday                 // time off instead of a shift
	dayClosed                  // nothing but an unavailable block
	dayTraining                // a shift of training, nothing on queue
)

// kind draws what the date is for the agent: five days of work, then two off.
func (p *planner) kind() dayKind {
	if (int(p.date)+p.agent.offset)%7 >= 5 {
		if p.draw.permille(15) {
			return dayClosed
		}
		return dayOff
	}
	switch n := p.draw.IntN(1000); {
	case n < 45:
		return dayHoliday
	case n < 60:
		return dayTraining
	}
	return dayShift
}

// schedule lays out the blocks of the date.
func (p *planner) schedule() {
	p.blocks = p.blocks[:0]
	p.kindOfDay = p.kind()
	start := p.shiftStart()
	switch p.kindOfDay {
	case dayOff:
	case dayHoliday:
		p.add(start, p.agent.minutes, holiday)
	case dayClosed:
		p.add(p.wall(8, 0), 600, unavailable)
	case dayTraining:
		t := p.add(start, 120, product)
		t = p.add(t, 15, pause)
		p.add(t, p.agent.minutes-135, product)
	case dayShift:
		p.shift(start)
	}
}

// add appends a block and returns its end. Lengths are elapsed time, so that a night with a clock change is as long as
// any other.
func (p *planner) add(at schemas.Instant, minutes, code int) schemas.Instant {
	end := at.Add(int64(minutes) * schemas.MinuteMS)
	p.blocks = append(p.blocks, block{schemas.Interval{Start: at, End: end}, code})
	return end
}

// shiftStart draws the start of the shift. All starts lie in hours that no clock change of our zones touches, and far
// enough apart that two shifts of an agent are never nearer than six hours.
func (p *planner) shiftStart() schemas.Instant {
	quarter := p.draw.IntN(4) * 15
	if p.agent.rota == rotaNights {
		return p.wall(21, quarter+30*p.draw.IntN(2))
	}
	week := (int(p.date) + p.agent.offset) / 7
	return p.wall([]int{6, 9, 12}[(week+p.agent.offset)%3], quarter+60*p.draw.IntN(2))
}

// wall returns the instant of a local time on the date.
func (p *planner) wall(hour, minute int) schemas.Instant {
	y, m, d := p.date.Parts()
	return schemas.InstantOf(time.Date(y, m, d, hour, minute, 0, 0, p.agent.zone.Location()))
}

// breather is what interrupts work: a code and its length in minutes.
type breather struct{ code, minutes int }

// breathers draws the interruptions of a shift, in order.
func (p *planner) breathers() []breather {
	side := []breather{{huddle, 15}, {huddle, 30}, {oneToOne, 30}, {coaching, 30}, {coaching, 45}, {product, 60},
		{admin, 30},
		{admin, 45}, {project, 60}}
	meal := breather{lunch, pick(p.draw, []int{30, 45, 60})}
	switch {
	case p.agent.minutes <= 270:
		return append(p.spare[:0], breather{pause, 15}, pick(p.draw, side))
	case p.agent.minutes <= 390:
		return append(p.spare[:0], breather{pause, 15}, breather{lunch, 30}, pick(p.draw, side))
	}
	return append(p.spare[:0], breather{pause, 15}, pick(p.draw, side), meal, pick(p.draw, side), breather{pause, 15})
}

// shift lays out a day of work: sections on queue with breathers between them. Now and then the end is an appointment.
func (p *planner) shift(at schemas.Instant) {
	p.spare = p.breathers()
	quarters := p.agent.minutes / 15
	for _, b := range p.spare {
		quarters -= b.minutes / 15
	}
	sections := p.sections(quarters, len(p.spare)+1)
	end := at.Add(int64(p.agent.minutes) * schemas.MinuteMS)
	for i, n := range sections {
		if i == len(sections)-1 && p.draw.permille(30) {
			p.add(at, int(end.Sub(at)/schemas.MinuteMS), appointment)
			return
		}
		at = p.section(at, n)
		if i < len(p.spare) {
			at = p.add(at, p.spare[i].minutes, p.spare[i].code)
		}
	}
}

// sections shares quarters of an hour out to n sections of at least half an hour.
func (p *planner) sections(quarters, n int) []int {
	s := p.lengths[:0]
	for range n {
		s = append(s, 2)
	}
	for range quarters - 2*n {
		s[p.draw.IntN(n)]++
	}
	p.lengths = s
	return s
}

// section adds work on queue, three quarters of an hour and more usually over several channels.
func (p *planner) section(at schemas.Instant, quarters int) schemas.Instant {
	channel := pick(p.draw, []int{phones, phones, chat, email})
	for quarters >= 3 && p.draw.permille(640) {
		part := p.draw.between(1, min(4, quarters-2))
		at = p.add(at, part*15, channel)
		quarters -= part
		channel = (channel + 1) % 3
	}
	return p.add(at, quarters*15, channel)
}

// shiftID is the id under which the blocks are scheduled; empty without one. Blocks of rest alone carry one only for
// agents who work over midnight, whose rest would otherwise be shared out over two dates.
func (p *planner) shiftID(c *Centre) string {
	rest := p.kindOfDay == dayHoliday || p.kindOfDay == dayClosed
	if !c.shiftIDs(p.agent) || rest && p.agent.rota != rotaNights {
		return ""
	}
	y, m, d := p.date.Parts()
	return "s" + strconv.Itoa((y*100+int(m))*100+d)
}
