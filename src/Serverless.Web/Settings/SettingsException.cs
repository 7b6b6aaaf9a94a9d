namespace Serverless.Web.Settings;

/// <summary>The settings cannot be worked with. Each problem names a key and says what would be right.</summary>
public sealed class SettingsException(IReadOnlyList<string> problems) : Exception(string.Join(" ", problems))
{
    /// <summary>Everything that is wrong, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
