// Package mail sends people what they have subscribed to: the daily e-mail, what has changed in a day that was mailed,
// and who is out of adherence during the day.
//
// Nouns: a subscription (schemas.Subscription) says who is sent what and when; a [Message] is a mail before it is
// bytes; a delivery (schemas.Delivery) is one mail on its way to one recipient; the [Outbox] is the folder in which the
// bytes of deliveries lie; an alarm (schemas.Alarm) is a mail that was due and did not go out. The [Mailer] makes
// deliveries when they are due and sends them.
//
// It stores the tables subscriptions and deliveries, through [Store], and the folder outbox. Clock times are those of
// the subscription's zone, instants are schemas.Instant, sizes are bytes.
//
// # Guarantees
//
// The bytes of a mail lie on disk, and its delivery in the table, before anything is sent; every attempt sends the same
// bytes under the same Message-ID. Each recipient has a transaction of their own, so that one who is refused costs no
// other their mail. An answer of 4xx, a server that is away or breaks off before it has the whole mail: tried again
// after a growing wait, for twelve hours. An answer of 5xx to a mail: never again. Between the last line of a mail and
// the note of the answer there is a moment in which the outcome cannot be known: a process that is killed or cut off
// there leaves the delivery in doubt, and only people have it sent again ([Mailer.Resend]). A mark on disk, made just
// before that last line, distinguishes the two after a crash.
//
// What is made twice is one: the id of a delivery comes from subscription, kind, day and recipient. A provisional day
// is sent on time and says so. What was due ten minutes ago and has not been sent raises an alarm,
// whether it could not be made, could not be sent, or was never tried.
//
// The days that new rules change, of an upgrade or set by people, are told to each recipient in one mail, when all have
// been judged again. The deliveries of these days are skipped and name that mail; they hold the figures that it told.
//
// A subscription says only what its owner may see at the moment of sending, whatever they could when they subscribed.
//
// # Why
//
// A morning mail that comes twice, or not at all without a word, is not read for long. SMTP promises neither, so the
// doubtful moment is made short, is written down, and is shown.
package mail
