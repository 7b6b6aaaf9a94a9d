namespace Serverless.Web.Auth.Passwords;

/// <summary>What somebody's password is compared with.</summary>
/// <param name="Owner">Who signs in by it; null when nobody may under that name.</param>
/// <param name="Hash">The hash that is kept; without an owner one that no password fits.</param>
/// <param name="Fits">Whether a password is right: much work, and as much without an owner.</param>
internal sealed record StoredPassword<T>(T? Owner, string Hash, Func<string, bool> Fits)
    where T : class;
