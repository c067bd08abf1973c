#!/bin/sh
# Another command as the service: with its settings, its token, its user, in its folder. As root:
#   sh {{CONFIG}}/as-service.sh doctor        also status, audit, backup backups/NAME.db
#   systemctl stop tuppence && sh {{CONFIG}}/as-service.sh restore backups/NAME.db && systemctl start tuppence
# Run by root alone, they would have other settings, and make books that the service may not read. What they read and
# write stands in /var/lib/tuppence, for they see no /tmp and write nowhere else.
exec systemd-run --quiet --pipe --wait --collect --unit="tuppence-command-$$" \
  --property=DynamicUser=yes --property=User=tuppence --property=StateDirectory=tuppence \
  --property=StateDirectoryMode=0700 --property=UMask=0077 --property=WorkingDirectory=/var/lib/tuppence \
  --property=Environment=DATABASE_URL=sqlite+aiosqlite:////var/lib/tuppence/tuppence.db \
  --property=Environment=BACKUP_DIR=/var/lib/tuppence/backups \
  --property=EnvironmentFile=-{{CONFIG}}/tuppence.env \
  --property=LoadCredential=bot_token:{{CONFIG}}/bot_token \
  /bin/sh -c 'BOT_TOKEN_FILE="$CREDENTIALS_DIRECTORY/bot_token" exec {{PYTHON}} -m bot "$@"' tuppence "$@"
