package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rollcall/cmd/internal/app"
	"rollcall/cmd/internal/config"
	"rollcall/reports/mail"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

// dailyFlags say which day of whom, and what becomes of the mail.
type dailyFlags struct {
	day          schemas.Date
	zone, file   string
	teams, sites []string
	send, again  bool
	to, subs     []string
}

func newReportDaily(g *globals) *cobra.Command {
	var f dailyFlags
	cmd := &cobra.Command{
		Use:   "daily (--file FILE | --send)",
		Short: "the daily e-mail: as a file to look at, or sent now",
		Long: "--file writes a preview as .html, .txt or .eml. --send makes the mails of the day for every daily\n" +
			"subscription, for those named by --subscription, or for the addresses of --to, and sends them at\n" +
			"once; what was sent already stays sent, unless --again is given. Exit code 3: some could not be\n" +
			"sent; the daemon tries those again.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return badInput(err)
			}
			return g.withStore(cmd, func(s *session) error {
				zone, err := zoneOf(f.zone, s.config)
				if err != nil {
					return err
				}
				if f.day == 0 {
					f.day = zone.Date(app.Now()) - 1
				}
				if f.send {
					return sendDaily(cmd, g, s, &f, zone)
				}
				return previewDaily(cmd, s, &f, zone)
			})
		},
	}
	parsed(cmd, &f.day, "day", schemas.ParseDate, "the local date to report on (default yesterday)")
	zoneFlag(cmd, &f.zone, "the zone of clock times (default time_zone of the configuration, else UTC)")
	cmd.Flags().StringVar(&f.file, "file", "", "write a preview: .html, .txt or .eml")
	partFlags(cmd, nil, &f.teams, &f.sites)
	cmd.Flags().BoolVar(&f.send, "send", false, "send it now")
	cmd.Flags().BoolVar(&f.again, "again", false, "with --send: also to those who have got it")
	cmd.Flags().StringSliceVar(&f.to, "to", nil, "with --send: to these addresses instead of the subscriptions")
	cmd.Flags().StringSliceVar(&f.subs, "subscription", nil, "with --send: only these subscriptions, by id")
	cmd.AddCommand(newReportDailyResend(g), newReportDailyDeliveries(g))
	return cmd
}

// check refuses flags that do not go together.
func (f *dailyFlags) check() error {
	if f.send == (f.file != "") {
		return errors.New("write either --file FILE or --send; see `rollcall report daily --help`")
	}
	if !f.send && (f.again || len(f.to)+len(f.subs) > 0) {
		return errors.New("--again, --to and --subscription go with --send")
	}
	if len(f.to) > 0 && len(f.subs) > 0 {
		return errors.New("--to and --subscription exclude each other")
	}
	if f.send && len(f.to) == 0 && len(f.teams)+len(f.sites) > 0 {
		return errors.New("--team and --site go with --file or --to; a subscription has its own")
	}
	switch strings.ToLower(filepath.Ext(f.file)) {
	case "", ".html", ".txt", ".eml":
		return nil
	}
	return fmt.Errorf("--file: %q ends in none of .html, .txt, .eml; the suffix picks the format", f.file)
}

// zoneOf returns the zone of a flag, else the configured one, else UTC.
func zoneOf(flag string, c config.Config) (schemas.Zone, error) {
	if name := cmp.Or(flag, c.TimeZone); name != "" {
		return schemas.LoadZone(name)
	}
	return schemas.UTC, nil
}

// previewDaily writes the file.
func previewDaily(cmd *cobra.Command, s *session, f *dailyFlags, zone schemas.Zone) error {
	message, err := app.DailyMail(cmd.Context(), s.config, s.Store, f.day, f.teams, f.sites, zone)
	if err != nil {
		return err
	}
	if err := app.SaveMessage(s.config, message, f.file); err != nil {
		return err
	}
	return say(cmd, "%s: %s", f.file, message.Subject)
}

// mailer opens the register and makes the mailer of the session's store.
func (s *session) mailer(cmd *cobra.Command) (*mail.Mailer, error) {
	if err := os.MkdirAll(s.config.Store.Dir, 0o700); err != nil { // with a server it may not be there yet
		return nil, fmt.Errorf("store.dir: %w", err)
	}
	r, err := app.NewRegister(s.config, s.Store)
	if err != nil {
		return nil, err
	}
	if err := r.Refresh(cmd.Context()); err != nil {
		return nil, err
	}
	return app.NewMailer(s.config, s.Store, r, nil, app.Clock, s.log)
}

// onMailer runs a command that works with mails and subscriptions.
func (g *globals) onMailer(run func(*cobra.Command, []string, *session, *mail.Mailer) error) runE {
	return g.onStore(func(cmd *cobra.Command, args []string, s *session) error {
		p, err := s.mailer(cmd)
		if err != nil {
			return err
		}
		return run(cmd, args, s, p)
	})
}

var errNoServer = errors.New("no mail server is set; set smtp.address, such as mail.example.org:587, and smtp.from")

// sendDaily makes the mails and sends them.
func sendDaily(cmd *cobra.Command, g *globals, s *session, f *dailyFlags, zone schemas.Zone) error {
	if s.config.SMTP.Address == "" {
		return badInput(errNoServer)
	}
	p, err := s.mailer(cmd)
	if err != nil {
		return err
	}
	subs, err := f.subscriptions(cmd, p, zone)
	if err != nil {
		return err
	}
	rows, err := p.Now(cmd.Context(), subs, f.day, f.again || len(f.to) > 0)
	if err != nil {
		return err
	}
	var ids []string
	for i := range rows {
		ids = append(ids, rows[i].ID)
	}
	return deliver(cmd, g, p, ids)
}

// subscriptions returns those that the flags mean.
func (f *dailyFlags) subscriptions(cmd *cobra.Command, p *mail.Mailer, zone schemas.Zone) ([]schemas.Subscription,
	error) {
	if len(f.to) > 0 {
		s := schemas.Subscription{
			ID:         "once",
			Kind:       schemas.SubscriptionDaily,
			OwnerID:    access.OperatorID,
			Owner:      actor(),
			Recipients: f.to,
			Teams:      f.teams,
			Sites:      f.sites,
			TimeZone:   zone.Name(),
		}
		c := p.Config()
		errs := []error{s.Validate()}
		for _, r := range f.to {
			errs = append(errs, c.Allows(r))
		}
		if err := errors.Join(errs...); err != nil {
			return nil, badInputf("--to: %w", err)
		}
		return []schemas.Subscription{s}, nil
	}
	all, err := p.Subscriptions(cmd.Context())
	if err != nil {
		return nil, err
	}
	var out []schemas.Subscription
	missing := map[string]bool{}
	for _, id := range f.subs {
		missing[id] = true
	}
	for _, s := range all {
		if s.Kind == schemas.SubscriptionDaily && (len(f.subs) == 0 || missing[s.ID]) {
			out = append(out, s)
			delete(missing, s.ID)
		}
	}
	for id := range missing {
		return nil, badInputf("--subscription: there is no daily subscription %q; `rollcall subscribe list` names all", id)
	}
	if len(out) == 0 {
		return nil, badInputf("nobody is subscribed; use --to, or `rollcall subscribe add`")
	}
	return out, nil
}

// deliver sends and prints what became of each; exit code 3 says that some did not go out.
func deliver(cmd *cobra.Command, g *globals, p *mail.Mailer, ids []string) error {
	rows, err := p.Deliver(cmd.Context(), ids)
	if err != nil {
		return err
	}
	if err := printAll(cmd, g, rows, "recipient", "day", "state", "attempts", "last_error", "id"); err != nil {
		return err
	}
	open := 0
	for i := range rows {
		if rows[i].State != schemas.DeliverySent && rows[i].State != schemas.DeliverySkipped {
			open++
		}
	}
	if open > 0 {
		return &exitError{exitInPart, fmt.Errorf("%d of %d mails were not sent", open, len(rows))}
	}
	return nil
}

func newReportDailyResend(g *globals) *cobra.Command {
	return &cobra.Command{Use: "resend ID",
		Short: "send a mail again that is in doubt, was refused, given up or sent: the same bytes to the same recipient",
		Args:  cobra.ExactArgs(1),
		RunE: g.onMailer(func(cmd *cobra.Command, args []string, s *session, p *mail.Mailer) error {
			if s.config.SMTP.Address == "" {
				return badInput(errNoServer)
			}
			d, err := p.Resend(cmd.Context(), args[0])
			if errors.Is(err, mail.ErrNoDelivery) || errors.Is(err, mail.ErrNotAgain) {
				return badInputf("%w; `rollcall report daily deliveries` names all", err)
			}
			if err != nil {
				return err
			}
			return deliver(cmd, g, p, []string{d.ID})
		})}
}

func newReportDailyDeliveries(g *globals) *cobra.Command {
	var days int
	cmd := &cobra.Command{Use: "deliveries", Short: "what has become of the mails of the last days", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 1 || days > 60 {
				return badInputf("--days %d is not 1 to 60", days)
			}
			return g.onMailer(func(cmd *cobra.Command, _ []string, _ *session, p *mail.Mailer) error {
				rows, err := p.DeliveryList(cmd.Context(), days)
				if err != nil {
					return err
				}
				return printAll(cmd, g, rows, "due_at", "kind", "day", "recipient", "state", "attempts", "last_error", "id")
			})(cmd, nil)
		}}
	cmd.Flags().IntVar(&days, "days", 7, "how many days back")
	return cmd
}
