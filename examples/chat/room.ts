interface Member {
  readonly data: { readonly name: string };
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface Room {
  join(member: Member): void;
  say(member: Member, text: string): void;
  leave(member: Member): void;
}

const MAX_WAITING = 64 * 1024;

export function openRoom(): Room {
  const members = new Set<Member>();
  const tell = (from: string, text: string) => {
    const line = JSON.stringify({ from, text, members: members.size });
    for (const member of members) {
      // Who does not keep up must not hold the others back.
      if (member.bufferedAmount > MAX_WAITING) member.close(1013, "too slow");
      else member.send(line);
    }
  };
  return {
    join(member) {
      members.add(member);
      tell("room", `${member.data.name} is here`);
    },
    say: (member, text) => tell(member.data.name, text.slice(0, 1000)),
    leave(member) {
      if (members.delete(member)) tell("room", `${member.data.name} has left`);
    },
  };
}
