package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/reports/mail"
	"rollcall/schemas"
	"rollcall/schemas/access"
)

func newSubscribe(g *globals) *cobra.Command {
	return groupOf("subscribe", "who is sent the daily e-mail, or a digest of who is out of adherence",
		newSubscribeAdd(g), newSubscribeList(g), newSubscribeEnd(g))
}

func newSubscribeAdd(g *globals) *cobra.Command {
	s := schemas.Subscription{Kind: schemas.SubscriptionDaily, OwnerID: access.OperatorID}
	var at, until string
	var digest bool
	cmd := &cobra.Command{Use: "add --to ADDRESS",
		Short: "subscribe addresses to the mail of teams, of sites, or of everybody", Args: cobra.NoArgs,
		Long: "The daily mail goes out at --at, local time of --time-zone, and reports on the day before. With\n" +
			"--digest a mail goes out every --every minutes from --at to --until, when somebody is out of\n" +
			"adherence.",
		RunE: g.onMailer(func(cmd *cobra.Command, _ []string, ses *session, p *mail.Mailer) error {
			if s.TimeZone = cmp.Or(s.TimeZone, ses.config.TimeZone); s.TimeZone == "" {
				return badInputf("--time-zone is missing; write an IANA name such as Europe/London, or set time_zone")
			}
			var err error
			if s.At, err = schemas.ParseClock(at); err != nil {
				return badInputf("--at: %w", err)
			}
			if digest {
				s.Kind = schemas.SubscriptionDigest
				if s.Until, err = schemas.ParseClock(until); err != nil {
					return badInputf("--until: %w", err)
				}
			} else {
				s.Every = 0
			}
			s.Owner = actor()
			return addSubscription(cmd, g, ses, p, s)
		})}
	cmd.Flags().StringSliceVar(&s.Recipients, "to", nil, "the addresses; each gets a mail of its own")
	partFlags(cmd, nil, &s.Teams, &s.Sites)
	cmd.Flags().StringVar(&at, "at", "06:30", "when, in local time")
	cmd.Flags().StringVar(&s.TimeZone, "time-zone", "", "whose local time (default time_zone of the configuration)")
	cmd.Flags().BoolVar(&digest, "digest", false, "during the day: who is out of adherence")
	cmd.Flags().IntVar(&s.Every, "every", 30, "with --digest: minutes between two mails")
	cmd.Flags().StringVar(&until, "until", "18:00", "with --digest: when the last may go out")
	cmd.Flags().BoolVar(&s.SkipEmpty, "skip-empty", false, "no mail about days on which nothing was scheduled")
	cmd.Flags().BoolVar(&s.NoWorkbook, "no-workbook", false, "without the workbook")
	needs(cmd, "to")
	return cmd
}

func addSubscription(cmd *cobra.Command, g *globals, ses *session, p *mail.Mailer, s schemas.Subscription) error {
	made, err := p.Subscribe(cmd.Context(), s, mail.By{Actor: actor(), Origin: "command"})
	if errors.Is(err, mail.ErrInvalid) {
		return badInput(err)
	}
	if err != nil {
		return err
	}
	if ses.config.SMTP.Address == "" {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning: nothing is sent yet:", errNoServer)
	}
	return printRows(cmd.OutOrStdout(), g.output, one(mail.RowOf(&made)), subscriptionColumns...)
}

var subscriptionColumns = []string{"id", "kind", "owner", "recipients", "teams", "sites", "at", "time_zone"}

func newSubscribeList(g *globals) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "list the subscriptions", Args: cobra.NoArgs,
		RunE: g.onStore(func(cmd *cobra.Command, _ []string, s *session) error {
			list, err := s.Subscriptions(cmd.Context())
			if err != nil {
				return err
			}
			rows := make([]mail.SubscriptionRow, len(list))
			for i := range list {
				rows[i] = mail.RowOf(&list[i])
			}
			return printAll(cmd, g, rows, subscriptionColumns...)
		})}
}

func newSubscribeEnd(g *globals) *cobra.Command {
	return &cobra.Command{Use: "end ID", Short: "end a subscription", Args: cobra.ExactArgs(1),
		RunE: g.onMailer(func(cmd *cobra.Command, args []string, _ *session, p *mail.Mailer) error {
			err := p.Unsubscribe(cmd.Context(), args[0], mail.By{Actor: actor(), Origin: "command"})
			if errors.Is(err, mail.ErrNoSubscription) {
				return badInputf("%w; `rollcall subscribe list` names all", err)
			}
			return err
		})}
}
