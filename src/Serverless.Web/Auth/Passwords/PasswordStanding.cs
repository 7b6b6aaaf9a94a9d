namespace Serverless.Web.Auth.Passwords;

/// <summary>What is known of a name before its password is checked.</summary>
internal enum PasswordStanding
{
    /// <summary>Nobody who may sign in has it.</summary>
    Stranger,

    /// <summary>Somebody has it who may sign in.</summary>
    Known,

    /// <summary>Somebody has it who signed in at this instance lately.</summary>
    Proven,
}
