namespace Serverless.Server.Listening;

/// <summary>A file of the TLS settings cannot be used.</summary>
/// <param name="key">The setting that names it.</param>
/// <param name="message">Why, as the end of a sentence that begins with the setting.</param>
internal sealed class TlsFileException(string key, string message) : Exception(message)
{
    public string Key => key;
}
