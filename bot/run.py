"""The life of the bot's process: open the books, let Telegram in, tell what is committed, end well."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.app import introduce
from bot.application import build
from bot.backups import Backups
from bot.env_file import warn_of_misspelt
from bot.health.served import attended
from bot.health.service_manager import READY, notify
from bot.loading import loading
from bot.log import get_log
from bot.setting_values import TOKEN_HELP
from bot.settings import Settings
from bot.shown import GATHERED, SHOWN
from bot.transport.announcing import Announcing
from bot.transport.calling import keep_called
from bot.transport.context import Services, Tuppence
from bot.transport.exceptions import Guard
from bot.transport.feed import Feed
from bot.transport.inbox import Inbox
from bot.transport.meter import Meter
from bot.transport.notifier import Notifier
from bot.transport.patience import seconds
from bot.transport.places import LEASE, Places
from bot.transport.poller import Poller
from bot.transport.ports import GATEWAY, HEALTH, WEBHOOK, Ports, PortTaken, bound, closing_all, why_not
from bot.transport.reconciling import Reconciling
from bot.words import home
from bot.words.typed import typed
from wallet_core import TakeOver, Unavailable, WalletCore

if TYPE_CHECKING:
    from bot.transport.webhook import Server

RETRY_MAX_S = 30.0
LEARNT_AFTER_S = 1.0  # by then the first who write have their answers
TURN_S = 0.0005  # for a thread that reads a picture, before the event loop has its turn; Python's own is ten times that

log = get_log(__name__)


class RunError(Exception):
    """One line that says why the bot cannot run."""


class Clock(Protocol):
    """A clock that jumps: the sandbox's. Without one it is the core's own."""

    def __call__(self) -> datetime:
        """The time."""

    def jumps(self) -> AsyncIterator[None]:
        """Each time that it has jumped."""


async def run_until_signal(settings: Settings, *, clock: Clock | None = None) -> None:
    """Run until SIGTERM or SIGINT. Raises RunError when that is not possible, or no longer."""
    warn_of_misspelt(Settings.model_fields)
    sys.setswitchinterval(TURN_S)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(settings, stop=stop, clock=clock)


async def run(settings: Settings, *, stop: asyncio.Event, clock: Clock | None = None) -> None:
    """Run until the event is set. Raises RunError when that is not possible, or no longer."""
    try:
        ports = bound(settings)
    except PortTaken as taken:
        raise RunError(str(taken)) from None
    with closing_all(ports):
        url, copies = settings.database_url, settings.backup_dir
        core = await WalletCore.open(url, rules=settings.rules, clock=clock, alone=True, copies=copies)
        settings = settings.kept_in(core.rules.currency)
        try:
            await _take_over(core)
            backups = None if copies is None else Backups(core, settings, clock=core.now)
            services = Services(core, settings, Meter(core.now), backups)
            with loading():
                app = build(settings, services)
            try:
                async with attended(services, ports[HEALTH], clock=core.now):
                    if await _until(stop, _connected(app)):
                        await _serve(app, ports, stop, clock)
            finally:
                await services.close()
                await app.close()
        finally:
            await core.close()


async def _take_over(core: WalletCore) -> None:
    """What a process had in hand when it died is due now where nobody else can have it; else once its lease ends."""
    if core.is_alone:
        try:
            await core.run(TakeOver(lease=LEASE))
        except Unavailable as error:
            log.warning("not_taken_over", error=type(error).__name__)


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work was done before the process was told to stop."""
    task, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return False
    task.result()
    return True


async def _connected(app: Tuppence) -> None:
    """Ask Telegram who we are, as often as it takes, and say how we want to get updates."""
    delay_s = 0.5
    while True:
        try:
            await app.initialize()
            break
        except InvalidToken:
            raise RunError(f"BOT_TOKEN: Telegram does not know it; expected {TOKEN_HELP}") from None
        except RetryAfter as error:
            delay_s = seconds(error)
        except Exception as error:  # also what is no answer of Telegram's: a proxy's page, or nothing of the form
            log.warning("telegram_unreachable", error=type(error).__name__, retry_in_s=delay_s)
        await asyncio.sleep(delay_s)
        delay_s = min(RETRY_MAX_S, 2 * delay_s)
    if app.services.settings.webhook_url is None:
        try:
            await app.bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:  # a webhook that still stands shows as a conflict when polling
            log.warning("webhook_not_deleted", error=type(error).__name__)


async def _serve(app: Tuppence, ports: Ports, stop: asyncio.Event, clock: Clock | None) -> None:
    services = app.services
    guard, meter = Guard(app), services.meter
    feed = Feed(meter.traced(guard.process), give_up=guard.give_up, refuse=meter.traced(guard.refuse))
    places = Places(app.bot, services, SHOWN)
    notifier = Notifier(
        app.bot,
        services.core,
        services.settings,
        places,
        parked=services.acquaintances.forget,
        gathered=GATHERED,
        meter=meter,
    )
    poller = Poller(app.bot, feed, meter)
    inbox = Inbox(services.core, feed, app.bot)
    incoming = poller.run() if services.settings.webhook_url is None else _webhook(app, feed, inbox, ports[WEBHOOK])
    stopped = asyncio.create_task(stop.wait())
    tasks = [asyncio.create_task(work) for work in (incoming, notifier.run())]
    aides = [asyncio.create_task(work) for work in _beside(app, ports[GATEWAY], clock)]
    for aide in aides:
        aide.add_done_callback(_ended)
    services.later(introduce(app))
    services.later(_learn())
    meter.is_serving = True
    if services.settings.webhook_url is None:
        meter.heard()  # it has just said who we are; a poll takes long
    log.info("ready", bot=app.bot.username)
    notify(READY)
    ends: list[asyncio.Future[Any]] = [*tasks, stopped, services.core.stopped]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for aide in aides:
            aide.cancel()
        await asyncio.gather(*aides, return_exceptions=True)
        await feed.close()
        await inbox.close()
        await notifier.close()
        if services.settings.webhook_url is None:
            await asyncio.wait(tasks[:1])  # its last poll is over: Telegram takes two at once for two bots
            await poller.acknowledge()
    _check(services.core, await asyncio.gather(*tasks, return_exceptions=True))
    log.info("stopped")


def _ended(aide: asyncio.Task[None]) -> None:
    """One that does nothing any more is said: the bot goes on without it."""
    if not aide.cancelled() and (error := aide.exception()) is not None:
        log.error("aide_failed", error=type(error).__name__, exc_info=error)


async def _learn() -> None:
    """What people type and press in all languages, before anybody does: read beside the event loop."""
    await asyncio.sleep(LEARNT_AFTER_S)
    await asyncio.to_thread(typed)
    await asyncio.to_thread(home.known)


def _beside(app: Tuppence, called: list[socket.socket], clock: Clock | None) -> list[Coroutine[Any, Any, None]]:
    """What goes on all the time beside the updates and the notices."""
    services = app.services
    clerk = [services.core.attend(), services.core.keep_watch(), services.core.keep_tidy()]
    if services.backups is not None:
        clerk.append(services.backups.keep())
    if clock is not None:
        clerk.append(_look_again(services.core, clock))
    clerk += [rounds.run() for rounds in services.rounds.values()]
    clerk.append(Announcing(app.bot, services.core, services.settings).run())
    return [
        *clerk,
        *_hooks(services, called),
        Reconciling(app.bot, services.core, services.settings, services.rounds).run(),
    ]


def _hooks(services: Services, called: list[socket.socket]) -> list[Coroutine[Any, Any, None]]:
    """Listen for the webhooks of gateways, where a port says so."""
    if not called:
        return []
    from bot.transport.hooks import serve, server  # without them there is no HTTP server to be loaded

    return [serve(server(services.rounds, clock=services.core.now), called)]


async def _look_again(core: WalletCore, clock: Clock) -> None:
    async for _ in clock.jumps():
        core.look_again()


def _check(core: WalletCore, results: list[Any]) -> None:
    """Raises RunError when this was not the end that was asked for."""
    if core.stopped.done() and not core.stopped.cancelled():
        raise RunError(f"the books had to be closed: {core.stopped.result()}")
    for result in results:
        if isinstance(result, InvalidToken):
            raise RunError("BOT_TOKEN: Telegram does not take it any more")
        if isinstance(result, RunError):
            raise result
        if isinstance(result, Exception):
            log.error("crashed", error=type(result).__name__, exc_info=result)
            raise result


async def _webhook(app: Tuppence, feed: Feed, inbox: Inbox, sockets: list[socket.socket]) -> None:
    """Listen, then tell Telegram to call; ends when the feed stops. Raises RunError."""
    from bot.transport.webhook import server

    settings = app.services.settings
    assert settings.webhook_url is not None and settings.webhook_secret is not None
    secret = settings.webhook_secret.get_secret_value()
    http = server(inbox, secret=secret, path=urlsplit(settings.webhook_url).path)
    serving = asyncio.create_task(http.serve(sockets))
    calling = asyncio.create_task(_calling(app, http, url=settings.webhook_url, secret=secret))
    stopping = asyncio.create_task(feed.stopping.wait())
    taking = asyncio.create_task(inbox.run())
    try:
        await asyncio.wait({serving, stopping, taking}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        calling.cancel()
        stopping.cancel()
        http.should_exit = True
        try:
            await serving
        except OSError as error:  # two that begin together may both have a port until one of them listens
            raise RunError(why_not(WEBHOOK, settings.webhook_host, settings.webhook_port, error)) from None
        await taking


async def _calling(app: Tuppence, http: Server, *, url: str, secret: str) -> None:
    """Tell Telegram to call us, once we listen."""
    await http.listening.wait()
    await keep_called(app.bot, app.services.meter, url=url, secret=secret)
