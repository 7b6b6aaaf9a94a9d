namespace Serverless.Functions.Hosting;

/// <summary>The settings cannot be worked with. Each problem names a key and says what would be right.</summary>
internal sealed class SettingsException(IReadOnlyList<string> problems) : Exception(string.Join(" ", problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
