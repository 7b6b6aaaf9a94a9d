using System.Globalization;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Web.Auth.Basic;

/// <summary>The users of one version of an htpasswd file.</summary>
internal sealed class HtpasswdUsers
{
    private readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);
    private string _decoy = "";

    /// <summary>How many users there are.</summary>
    public int Count => _hashes.Count;

    /// <summary>How many lines have no effect.</summary>
    public int Ignored { get; private set; }

    /// <summary>Names and hashes, in the order of the file.</summary>
    public IEnumerable<(string Name, string Hash)> All => _hashes.Select(h => (h.Key, h.Value));

    public static HtpasswdUsers Parse(string text)
    {
        var users = new HtpasswdUsers();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && PasswordHashes.IsBcrypt(line[(colon + 1)..])) users._hashes[line[..colon]] = line[(colon + 1)..];
            else users.Ignored++;
        }

        // What unknown users are compared with costs as much as the dearest of the known.
        var cost = users._hashes.Values.Select(h => int.Parse(h.AsSpan(4, 2), CultureInfo.InvariantCulture)).DefaultIfEmpty(10).Max();
        users._decoy = BCrypt.Net.BCrypt.HashPassword("decoy", Math.Clamp(cost, 4, 15));
        return users;
    }

    /// <summary>The user's hash, or one that no password fits.</summary>
    public string HashOf(string name, out bool known)
    {
        known = _hashes.TryGetValue(name, out var hash);
        return hash ?? _decoy;
    }
}
