namespace Serverless.AzureStorage.Tables;

/// <summary>The parts of a storage connection string that tables need (Azure Storage, "Configure Azure Storage connection strings").</summary>
internal sealed record TableConnectionString(Uri Endpoint, TableSharedKeyCredential Credential)
{
    /// <summary>The account of every emulator.</summary>
    public const string EmulatorAccount = "devstoreaccount1";
    /// <summary>Its key, published by Microsoft; it opens nothing else.</summary>
    public const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public static TableConnectionString Parse(string text)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is not [var name, var value]) throw new FormatException("a part of the connection string has no '='");
            parts[name] = value;
        }

        if (parts.GetValueOrDefault("UseDevelopmentStorage") is "true")
        {
            return new(new Uri($"http://127.0.0.1:10002/{EmulatorAccount}"), new TableSharedKeyCredential(EmulatorAccount, EmulatorKey));
        }

        if (!parts.TryGetValue("AccountName", out var account)) throw new FormatException("the connection string has no AccountName");
        if (!parts.TryGetValue("AccountKey", out var key)) throw new FormatException("the connection string has no AccountKey; to sign in without a key, set the account's name instead");
        if (!parts.TryGetValue("TableEndpoint", out var endpoint))
        {
            endpoint = $"{parts.GetValueOrDefault("DefaultEndpointsProtocol", "https")}://{account}.table.{parts.GetValueOrDefault("EndpointSuffix", "core.windows.net")}";
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)) throw new FormatException("the connection string's TableEndpoint is not a URL");
        return new(uri, new TableSharedKeyCredential(account, key));
    }
}
