using Serverless.Functions.Auth.Passwords;
using Serverless.Registry.Accounts;

namespace Serverless.Cli.Passwords;

/// <summary>
/// Replaces the older of a robot's two passwords, so that the newer one, which programs use, holds on until they have the next:
/// <code>
///            slot 0   slot 1
///   add      a        -
///   rotate   a        b        a still holds
///   rotate   c        b        b still holds
///   rotate   c        d        c still holds
/// </code>
/// An account does not say which slot is the newer. The hashes do: each is random text, so one is made again until the sum of both has the newer slot as its
/// last bit, which takes two on the average. That way the order is in the row that the hashes are in, and cannot differ from them.
/// </summary>
internal sealed class RobotRotation
{
    private int _slot;
    private string? _hash;

    /// <summary>The new password.</summary>
    public string Password { get; private set; } = "";

    /// <summary>The account with the new password. May be called again, with what the account has become meanwhile.</summary>
    public Account Apply(Account account)
    {
        var hashes = account.PasswordHashes;
        // Our own first try, whose answer was lost: a second password would put out the one that is in use.
        if (_hash is not null && hashes[_slot] == _hash) return account;
        _slot = OlderSlot(hashes);
        Password = RobotPassword.New(_slot);
        var other = hashes[1 - _slot];
        do _hash = PasswordHashes.Hash(Password);
        while (other is not null && NewerSlot(_hash, other) != _slot);
        return account with { PasswordHashes = _slot == 0 ? [_hash, other] : [other, _hash] };
    }

    private static int OlderSlot(IReadOnlyList<string?> hashes) => hashes switch
    {
        [null, ..] => 0,
        [_, null] => 1,
        [var first, var second] => 1 - NewerSlot(first, second),
        _ => throw new ArgumentException("A robot has two slots.", nameof(hashes)),
    };

    private static int NewerSlot(string one, string other) => (one.Sum(c => c) + other.Sum(c => c)) & 1;
}
