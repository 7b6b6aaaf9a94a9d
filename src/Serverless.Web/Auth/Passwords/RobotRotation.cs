using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Replaces the older of a robot's two passwords, so that the newer one, which programs use, holds on until they have the next:
/// <code>
///            slot 0   slot 1
///   add      a        -
///   rotate   a        b        a still holds
///   rotate   c        b        b still holds
///   rotate   c        d        c still holds
/// </code>
/// </summary>
public sealed class RobotRotation
{
    private int _slot;
    private string? _hash;

    /// <summary>The new password.</summary>
    public string Password { get; private set; } = "";

    /// <summary>The account with the new password. May be called again, with what the account has become meanwhile.</summary>
    public Account Apply(Account account)
    {
        // Our own first try, whose answer was lost: a second password would put out the one that is in use.
        if (_hash is not null && account.PasswordHashes[_slot] == _hash) return account;
        _slot = account.PasswordHashes is [null, _] ? 0 : 1 - account.NewestPassword;
        Password = RobotPassword.New(_slot);
        _hash = RobotPassword.Hash(Password);
        var other = account.PasswordHashes[1 - _slot];
        return account with { PasswordHashes = _slot == 0 ? [_hash, other] : [other, _hash], NewestPassword = _slot };
    }
}
