"""What the books owe to be told, beside tests/campaigns/model.py: read at the start of a batch, written at its end."""

from types import SimpleNamespace as Row


class Outbox:
    """Messages by id, in the order in which they were written; no id is given twice."""

    def __init__(self):
        self.messages, self.now = {}, 0

    def begin(self, now):
        self.now, self.new, self.done, self.put_off, self.back = now, [], [], [], []
        self.due = [i for i, m in self.messages.items() if m.due is not None and m.due <= now]

    def commit(self):
        self.messages = {i: m for i, m in self.messages.items() if i not in self.done}
        for message, due, attempts in self.put_off:
            if message in self.messages:
                self.messages[message].due = due
                self.messages[message].attempts += attempts
        for message in self.messages.values():
            if message.to in self.back and message.due is None:
                message.due = 0
        for message in self.new:
            nth = ("paid", "received", "request_paid").index(message.telling) + 1
            self.messages[message.transfer * 8 + nth] = message

    def tell(self, wallet, telling, place, transfer):
        row = Row(to=wallet.owner, telling=telling, place=place, transfer=transfer.id, due=0, attempts=0)
        row.balance = wallet.balance
        if wallet.owner is not None:  # nobody stands behind the issuer
            self.new.append(row)

    def claim(self, limit, lease):
        claimed, self.due = self.due[:limit], self.due[limit:]
        self.put_off += [(message, self.now + lease, 1) for message in claimed]
        return [(message, self.messages[message].attempts) for message in claimed]

    def settle(self, delivered, postponed, parked):
        self.done += delivered
        self.put_off += [(message, self.now + delay, 0) for message, delay in postponed]
        self.put_off += [(message, None, 0) for message in parked]
