namespace Serverless.AzureStorage;

/// <summary>What a connection string must have (Azure Storage, "Configure Azure Storage connection strings"). The clients refuse one too, but say little of why.</summary>
internal static class ConnectionStringFormat
{
    /// <exception cref="FormatException">It cannot be read, or has no account and key.</exception>
    public static void Check(string text)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is not [var name, _]) throw new FormatException("a part of the connection string has no '='");
            names.Add(name);
        }

        if (names.Contains("UseDevelopmentStorage")) return;
        if (!names.Contains("AccountName")) throw new FormatException("the connection string has no AccountName");
        if (!names.Contains("AccountKey")) throw new FormatException("the connection string has no AccountKey; to sign in without a key, set the account's name instead");
    }
}
